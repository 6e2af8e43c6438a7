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

/* Where the two descriptors that are still needed stand while all others are closed. */
#define FIRST_FD 3
#define SECOND_FD 4

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

/* Copies a descriptor, unless it is -1, above the fixed numbers, so that filling those overwrites none that is needed. */
static bool move_up(int *fd)
{
    if (*fd < 0)
        return true;
    *fd = fcntl(*fd, F_DUPFD_CLOEXEC, SECOND_FD + 1);
    return *fd >= 0;
}

bool hf_descriptors_close_others(int *first, int *second, struct hf_error *error)
{
    int from_first = *first, from_second = *second, others;

    if (!move_up(&from_first) || !move_up(&from_second) || dup3(from_first, FIRST_FD, O_CLOEXEC) < 0 ||
        (from_second >= 0 && dup3(from_second, SECOND_FD, O_CLOEXEC) < 0))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "moving descriptors");
    *first = FIRST_FD;
    if (from_second >= 0)
        *second = SECOND_FD;
    others = *second >= 0 ? SECOND_FD + 1 : FIRST_FD + 1;
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

    for (int fd = 0; null >= 0 && fd <= last; fd++)
        if (dup2(null, fd) < 0)
            return false;
    return null >= 0;
}
