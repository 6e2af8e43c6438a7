/* It lies beside the program or library that has this code (a build folder), in the folder holdfast beside a library, or in
 * ../lib/holdfast beside a program; else where this was built to be installed. Never where a variable says, and never one that
 * belongs to somebody else: a program in a folder that others write to, /tmp for one, must not load what they put there. */
#include "launch/tls_object.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that has this very code. */
static bool find_own(char path[PATH_MAX])
{
    Dl_info info;
    struct link_map *map = NULL;
    ssize_t length;

    if (dladdr1((const void *)hf_tls_object_open, &info, (void **)&map, RTLD_DL_LINKMAP) && map->l_name[0])
        return (size_t)snprintf(path, PATH_MAX, "%s", map->l_name) < PATH_MAX;
    length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static bool is_trusted(const char *path, uid_t owner)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && (status.st_uid == owner || status.st_uid == 0) &&
           !(status.st_mode & S_IWOTH);
}

static bool find(char path[PATH_MAX])
{
    static const char *const folders[] = {"", "holdfast/", "../lib/holdfast/"};
    char own[PATH_MAX];
    struct stat status;

    /* A relative one was so to another directory. */
    if (find_own(own) && own[0] == '/' && stat(own, &status) == 0) {
        strrchr(own, '/')[1] = '\0';
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
            if ((size_t)snprintf(path, PATH_MAX, "%s%s%s", own, folders[i], HF_TLS_OBJECT) < PATH_MAX &&
                is_trusted(path, status.st_uid))
                return true;
    }
    snprintf(path, PATH_MAX, "%s/holdfast/%s", HF_LIBDIR, HF_TLS_OBJECT);
    return is_trusted(path, 0);
}

static bool fail(struct hf_error *error, int errnum, const char *what)
{
    return hf_fail(error, HF_TLS_UNAVAILABLE, HF_STAGE_PROXY, errnum, "%s", what);
}

const struct hf_tls_ops *hf_tls_object_open(struct hf_error *error)
{
    const struct hf_tls_ops *ops;
    char path[PATH_MAX];
    void *object;

    if (!find(path)) {
        fail(error, ENOENT, HF_TLS_OBJECT);
        return NULL;
    }
    object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        fail(error, 0, dlerror());
        return NULL;
    }
    ops = dlsym(object, HF_TLS_ENTRY);
    if (ops && ops->version == HF_TLS_VERSION)
        return ops;
    hf_fail(error, HF_TLS_UNAVAILABLE, HF_STAGE_PROXY, 0, "%s is of another version", path);
    return NULL;
}
