/* Nothing that a caller left open reaches the command or the proxy. Before Landlock: the slow way needs /proc. */
#include "launch/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Where the descriptors that are still needed stand while all others are closed. */
#define FIRST_FD 3

/* For kernels before 5.9, which have no close_range(2). */
static bool close_one_by_one(int others)
{
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;

    if (!directory)
        return false;
    while ((entry = readdir(directory))) {
        const long fd = strtol(entry->d_name, NULL, 10);

        if (fd >= others && fd != dirfd(directory))
            close((int)fd);
    }
    return closedir(directory) == 0;
}

/* First above the fixed numbers, so that filling those overwrites none that is needed. The number behind the last, or
 * -1. */
static int move(int *const *kept, size_t count)
{
    int above[HF_DESCRIPTORS_KEPT_MAX], next = FIRST_FD;

    for (size_t i = 0; i < count; i++)
        if (*kept[i] >= 0 && (above[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, FIRST_FD + HF_DESCRIPTORS_KEPT_MAX)) < 0)
            return -1;
    for (size_t i = 0; i < count; i++) {
        if (*kept[i] < 0)
            continue;
        if (dup3(above[i], next, O_CLOEXEC) < 0)
            return -1;
        *kept[i] = next++;
    }
    return next;
}

bool hf_descriptors_close_others(int *const *kept, size_t count, struct hf_error *error)
{
    const int others = move(kept, count);

    if (others < 0)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "moving descriptors");
    if (syscall(SYS_close_range, others, ~0U, 0U) < 0 && !close_one_by_one(others))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "close_range");
    return true;
}

static int option_of(int fd, int name)
{
    int value = -1;
    socklen_t length = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

static bool leads_nowhere_else(int fd)
{
    struct sockaddr_un peer;
    socklen_t length = sizeof(peer);

    if (option_of(fd, SO_DOMAIN) != AF_UNIX || option_of(fd, SO_TYPE) == SOCK_DGRAM)
        return false;
    return option_of(fd, SO_ACCEPTCONN) == 1 || getpeername(fd, (struct sockaddr *)&peer, &length) == 0;
}

bool hf_descriptors_check_streams(struct hf_error *error)
{
    static const char *const names[] = {"standard input", "standard output", "standard error"};
    struct stat status;

    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) && !leads_nowhere_else(fd))
            return hf_fail(error, HF_STREAM_IS_A_SOCKET, HF_STAGE_LAUNCH, 0, "%s", names[fd]);
    return true;
}

bool hf_descriptors_leave_streams(int last)
{
    hf_autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null < 0)
        return false;
    for (int fd = 0; fd <= last; fd++)
        if (dup2(null, fd) < 0)
            return false;
    return true;
}
