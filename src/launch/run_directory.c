/* The run's own directory: the one place that the runtime adds to what a sandboxed program may read (law 2). It tells
 * where the proxy is, for programs that are started with a scrubbed environment. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "launch/launch.h"

#define PROXY_FILE "proxy.env"

static const char *parent_directory(void)
{
    const char *own = getenv("XDG_RUNTIME_DIR");

    if (geteuid() == 0)
        return "/run";
    return own && own[0] == '/' ? own : "/tmp";
}

bool hf_run_directory_make(char path[PATH_MAX], struct hf_error *error)
{
    snprintf(path, PATH_MAX, "%s/holdfast-XXXXXX", parent_directory());
    if (!mkdtemp(path) || chmod(path, 0755) < 0)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PREPARE, errno, "%s", path);
    return true;
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
