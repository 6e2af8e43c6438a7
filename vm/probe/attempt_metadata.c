/* Attempts on what Landlock leaves alone: a file's metadata, its folder's names, locks (landlock(7), "Limitations"). Each
 * leaves all as it was. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

static int answer_of(long result)
{
    return result < 0 ? errno : 0;
}

static int see(char *const *arguments)
{
    struct stat status;

    return answer_of(stat(arguments[0], &status));
}

static int see_file_system(char *const *arguments)
{
    struct statfs status;

    return answer_of(statfs(arguments[0], &status));
}

static int is_there(char *const *arguments)
{
    return answer_of(access(arguments[0], F_OK));
}

static int follow(char *const *arguments)
{
    char target[16];

    return answer_of(readlink(arguments[0], target, sizeof(target)));
}

static int enter(char *const *arguments)
{
    return answer_of(chdir(arguments[0]));
}

static int watch(char *const *arguments)
{
    hf_autoclose int fd = inotify_init1(IN_CLOEXEC);

    return fd < 0 ? errno : answer_of(inotify_add_watch(fd, arguments[0], IN_ALL_EVENTS));
}

static int change_mode(char *const *arguments)
{
    struct stat status;

    return stat(arguments[0], &status) < 0 ? errno : answer_of(chmod(arguments[0], status.st_mode & 07777));
}

static int change_owner(char *const *arguments)
{
    return answer_of(chown(arguments[0], geteuid(), getegid()));
}

static int change_times(char *const *arguments)
{
    return answer_of(utimensat(AT_FDCWD, arguments[0], NULL, 0));
}

static int read_attribute(char *const *arguments)
{
    char value[16];
    const ssize_t length = getxattr(arguments[0], "trusted.none", value, sizeof(value));

    return length < 0 && errno != ENODATA ? errno : 0;
}

static int set_attribute(char *const *arguments)
{
    const char value = 1;

    if (setxattr(arguments[0], "user.holdfast", &value, 1, 0) < 0)
        return errno;
    return answer_of(removexattr(arguments[0], "user.holdfast"));
}

static int lock(char *const *arguments)
{
    hf_autoclose int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);

    return fd < 0 ? errno : answer_of(flock(fd, LOCK_EX | LOCK_NB));
}

const struct probe_attempt probe_attempts_metadata[] = {
    {"stat", see, "stat(2)", false},
    {"statfs", see_file_system, "statfs(2)", false},
    {"access", is_there, "whether it is there", false},
    {"readlink", follow, "where a link leads", false},
    {"chdir", enter, "make it the working directory", true},
    {"watch", watch, "inotify(7) on it", false},
    {"chmod", change_mode, "chmod(2) to the mode it has", false},
    {"chown", change_owner, "chown(2) to the owner it has", false},
    {"utimes", change_times, "set its times to now", false},
    {"get-attribute", read_attribute, "getxattr(2)", false},
    {"set-attribute", set_attribute, "setxattr(2)", false},
    {"lock", lock, "an exclusive lock on it, opened O_RDONLY", false},
    {NULL, NULL, NULL, false},
};
