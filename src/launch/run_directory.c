/* The run's own directory: the one place that the runtime adds to what a sandboxed program may read (law 2). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "launch/launch.h"

#define PREFIX "holdfast-"
#define RANDOM "XXXXXX"
#define SETTLED_SECONDS 60 /* a younger one may not be locked yet */

static const char *const files[] = {HF_PROXY_FILE, HF_CA_FILE, HF_BUNDLE_FILE};

static const char *parent_directory(void)
{
    const char *own = getenv("XDG_RUNTIME_DIR");

    if (geteuid() == 0)
        return "/run";
    return own && own[0] == '/' ? own : "/tmp";
}

/* Removes what a run left that was killed: one's own, with nobody left who holds its lock. */
static void sweep_one(int parent, const char *name)
{
    hf_autoclose int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0 || status.st_uid != geteuid() ||
        time(NULL) - status.st_mtime < SETTLED_SECONDS || flock(fd, LOCK_EX | LOCK_NB) < 0)
        return;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlinkat(fd, files[i], 0);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static void sweep(const char *parent)
{
    DIR *directory = opendir(parent);
    const struct dirent *entry;

    /* As mkdtemp(3) names them: whatever else begins so is somebody's. */
    while (directory && (entry = readdir(directory)))
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
            strlen(entry->d_name) == strlen(PREFIX) + strlen(RANDOM))
            sweep_one(dirfd(directory), entry->d_name);
    if (directory)
        closedir(directory);
}

int hf_run_directory_make(char path[PATH_MAX], struct hf_error *error)
{
    int lock;

    sweep(parent_directory());
    snprintf(path, PATH_MAX, "%s/" PREFIX RANDOM, parent_directory());
    if (!mkdtemp(path)) {
        hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PREPARE, errno, "%s", path);
        path[0] = '\0';
        return -1;
    }
    lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX) == 0 && chmod(path, 0755) == 0)
        return lock;
    hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PREPARE, errno, "%s", path);
    if (lock >= 0)
        close(lock);
    hf_run_directory_remove(path);
    path[0] = '\0';
    return -1;
}

static bool write_whole(int fd, struct hf_span bytes)
{
    while (bytes.length) {
        const ssize_t written = TEMP_FAILURE_RETRY(write(fd, bytes.at, bytes.length));

        if (written < 0)
            return false;
        bytes.at += written;
        bytes.length -= (size_t)written;
    }
    return true;
}

bool hf_run_directory_write(const char *path, const char *name, const struct hf_span *parts, size_t count,
                            struct hf_error *error)
{
    hf_autoclose int fd = -1;
    char file[PATH_MAX];

    if ((size_t)snprintf(file, sizeof(file), "%s/%s", path, name) >= sizeof(file))
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, ENAMETOOLONG, "%s", path);
    fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "%s", file);
    for (size_t i = 0; i < count; i++)
        if (!write_whole(fd, parts[i]))
            return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "%s", file);
    /* Whatever the caller's umask: the command may be another user. */
    return (fchmod(fd, 0644) == 0 && close(hf_steal(fd, -1)) == 0) ||
           hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "%s", file);
}

void hf_run_directory_remove(const char *path)
{
    char file[PATH_MAX];

    /* Most have the first alone. */
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if ((size_t)snprintf(file, sizeof(file), "%s/%s", path, files[i]) < sizeof(file))
            unlink(file);
        if (rmdir(path) == 0)
            return;
    }
}
