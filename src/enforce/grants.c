/* As Landlock sums it up: from the file upwards, by what each rule's descriptor was opened on. */
#include "enforce/grants.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static uint64_t granted_at(const struct hf_prepared *prepared, const char *path)
{
    struct stat status;
    uint64_t access = 0;

    if (stat(path, &status) < 0)
        return 0;
    for (size_t i = 0; i < prepared->opened_count; i++)
        if (prepared->opened[i].dev == status.st_dev && prepared->opened[i].ino == status.st_ino)
            access |= prepared->opened[i].access;
    return access;
}

/* `real` is cut short on the way. */
static uint64_t granted_below_root(const struct hf_prepared *prepared, char *real)
{
    uint64_t access = 0;

    for (char *end = real + strlen(real); end > real; end = strrchr(real, '/')) {
        *end = '\0';
        access |= granted_at(prepared, real);
    }
    return access | granted_at(prepared, "/");
}

/* The rules are asked where the links lead, since that is what the kernel opens. */
uint64_t hf_granted(const struct hf_prepared *prepared, const char *path)
{
    hf_autofree char *real = realpath(path, NULL);

    return real ? granted_below_root(prepared, real) : 0;
}
