/* The run's own directory: the one place that the runtime adds to what a sandboxed program may read (law 2). It tells
 * where the proxy is, for programs that are started with a scrubbed environment. */
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

#define PROXY_FILE "proxy.env"
#define PREFIX "holdfast-"
#define RANDOM "XXXXXX"
#define SETTLED_SECONDS 60 /* a younger one may not be locked yet */

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
    unlinkat(fd, PROXY_FILE, 0);
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

bool hf_run_directory_write_proxy(const char *path, uint16_t port, struct hf_error *error)
{
    char file[PATH_MAX];
    int fd;

    if ((size_t)snprintf(file, sizeof(file), "%s/%s", path, PROXY_FILE) >= sizeof(file))
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, ENAMETOOLONG, "%s", path);
    fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || dprintf(fd, "HTTPS_PROXY=http://127.0.0.1:%u\nHTTP_PROXY=http://127.0.0.1:%u\n", port, port) < 0) {
        hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "%s", file);
        if (fd >= 0)
            close(fd);
        return false;
    }
    return close(fd) == 0 || hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "%s", file);
}

void hf_run_directory_remove(const char *path)
{
    char file[PATH_MAX];

    if ((size_t)snprintf(file, sizeof(file), "%s/%s", path, PROXY_FILE) < sizeof(file))
        unlink(file);
    rmdir(path);
}
