/* By SHA-256. It is taken again where the file is another one or has been changed since: every write to it, and every
 * change of its times by hand, sets its ctime (inode(7)). A program that is running cannot be written to (ETXTBSY), but
 * its name can be given to another file, or to none: then the name is not what is executed. */
#include "who/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "who/sha256.h"

struct hf_pin {
    char *path;
    struct stat file;
    uint8_t digest[HF_SHA256_SIZE];
};

static bool same_file(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

static bool is_unchanged(const struct stat *one, const struct stat *other)
{
    return same_file(one, other) && one->st_size == other->st_size &&
           one->st_ctim.tv_sec == other->st_ctim.tv_sec && one->st_ctim.tv_nsec == other->st_ctim.tv_nsec;
}

/* Opens what is executed, not what has its name. */
static bool take_digest(struct hf_pin *pin, int folder)
{
    hf_autoclose int fd = openat(folder, "exe", O_RDONLY | O_CLOEXEC);

    return fd >= 0 && fstat(fd, &pin->file) == 0 && hf_sha256_file(fd, pin->digest);
}

static bool add(struct hf_pins *pins, const struct hf_pin *pin, const char *path)
{
    struct hf_pin *grown = reallocarray(pins->items, pins->count + 1, sizeof(*grown));

    if (!grown)
        return false;
    pins->items = grown;
    grown += pins->count;
    *grown = *pin;
    grown->path = strdup(path);
    if (!grown->path)
        return false;
    pins->count++;
    return true;
}

bool hf_pins_hold(struct hf_pins *pins, const char *path, int folder, const char **why)
{
    struct hf_pin now = {.path = NULL}, *first = NULL;
    struct stat named, executed;

    *why = "whose file was deleted or replaced while it ran";
    if (stat(path, &named) < 0 || fstatat(folder, "exe", &executed, 0) < 0 || !same_file(&named, &executed))
        return false;
    for (size_t i = 0; i < pins->count && !first; i++)
        if (strcmp(pins->items[i].path, path) == 0)
            first = &pins->items[i];
    if (first && is_unchanged(&first->file, &executed)) {
        *why = NULL;
        return true;
    }
    *why = "whose file cannot be read, so that it could not be seen to change";
    if (!take_digest(&now, folder) || (!first && !add(pins, &now, path)))
        return false;
    *why = "which is not the file that was let out first in this run";
    if (first && memcmp(first->digest, now.digest, sizeof(now.digest)) != 0)
        return false;
    if (first)
        first->file = now.file;
    *why = NULL;
    return true;
}

void hf_pins_free(struct hf_pins *pins)
{
    for (size_t i = 0; i < pins->count; i++)
        free(pins->items[i].path);
    free(pins->items);
    *pins = (struct hf_pins){0};
}
