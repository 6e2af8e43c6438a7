/* Finding the command: once, as the caller, so that what was checked is what is executed. */
#include "enforce/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static bool is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

const char *hf_command_search(void)
{
    const char *path = getenv("PATH");

    return path ? path : "/bin:/usr/bin"; /* execvp(3) */
}

/* The file of that name in the next directory of the list, which is the current one where it is empty; NULL where the
 * list is at its end. */
static char *next_place(const char **search, const char *name)
{
    const char *at = *search;
    const size_t length = at ? strcspn(at, ":") : 0;
    char *path;

    if (!at || asprintf(&path, "%.*s%s%s", (int)length, at, length ? "/" : "", name) < 0)
        return NULL;
    *search = at[length] ? at + length + 1 : NULL;
    return path;
}

char *hf_command_next(const char **search, const char *name)
{
    char *path;

    while ((path = next_place(search, name)) && !(is_file(path) && access(path, X_OK) == 0))
        free(path);
    return path;
}

static enum hf_reason why_not_found(const char *name)
{
    if (strpbrk(name, " \t\n"))
        return HF_REASON_BLANK_IN_NAME;
    return name[0] && is_file(name) ? HF_REASON_IN_WORKDIR : HF_REASON_NONE;
}

/* A file of that name which may not be executed is better than none: it is said what is wrong with it. */
static char *find_any(const char *name)
{
    const char *search = hf_command_search();
    char *path;

    while ((path = next_place(&search, name)) && !is_file(path))
        free(path);
    return path;
}

bool hf_command_find(const char *name, char **path, struct hf_error *error)
{
    const char *search = name[0] ? hf_command_search() : NULL;

    /* A name with a slash is taken as it is. */
    *path = strchr(name, '/') ? strdup(name) : hf_command_next(&search, name);
    if (!*path && name[0] && !strchr(name, '/'))
        *path = find_any(name);
    if (*path)
        return true;
    if (strchr(name, '/'))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_PREPARE, ENOMEM, "memory");
    hf_fail(error, HF_EXEC_NOT_FOUND, HF_STAGE_EXEC, ENOENT, "%s", name);
    error->reason = why_not_found(name);
    return false;
}
