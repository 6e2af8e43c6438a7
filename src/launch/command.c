/* Finding the command: once, as the caller, so that what was checked is what is executed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "launch/launch.h"

static bool is_executable(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* One directory of PATH, which is the current one when it is empty; true when the command is there. */
static bool look_in(const char *directory, size_t length, const char *name, char **path)
{
    if (asprintf(path, "%.*s%s%s", (int)length, directory, length ? "/" : "", name) < 0) {
        *path = NULL;
        return false;
    }
    if (is_executable(*path))
        return true;
    free(*path);
    *path = NULL;
    return false;
}

bool hf_command_find(const char *name, char **path, struct hf_error *error)
{
    const char *search = getenv("PATH");

    *path = NULL;
    /* A name with a slash is taken as it is: what is wrong with it, execve itself says best. */
    if (strchr(name, '/')) {
        *path = strdup(name);
        return *path || hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_PREPARE, ENOMEM, "memory");
    }
    for (const char *at = search && name[0] ? search : ""; *at;) {
        const size_t length = strcspn(at, ":");

        if (look_in(at, length, name, path))
            return true;
        at += length + (at[length] == ':');
    }
    return hf_fail(error, HF_EXEC_NOT_FOUND, HF_STAGE_EXEC, ENOENT, "%s", name);
}
