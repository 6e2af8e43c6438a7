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

/* The rules are asked where the links lead, since that is what the kernel opens. */
bool hf_granted(const struct hf_prepared *prepared, const char *path, uint64_t access)
{
    hf_autofree char *real = realpath(path, NULL);

    for (char *end = real ? real + strlen(real) : NULL; access && end && end > real; end = strrchr(real, '/')) {
        *end = '\0';
        access &= ~granted_at(prepared, real);
    }
    return real && (!access || !(access & ~granted_at(prepared, "/")));
}
