/* Attempts on files and directories. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

/* Never waits for a FIFO's other end, never takes a terminal for its own. */
#define OPEN_FLAGS (O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

static int answer_of(int result)
{
    return result < 0 ? errno : 0;
}

int probe_read(char *const *arguments, FILE *answer)
{
    hf_autoclose int fd = open(arguments[0], O_RDONLY | OPEN_FLAGS);
    char byte;

    (void)answer;
    if (fd < 0)
        return errno;
    /* EAGAIN: it may be read, there is only nothing to read (an idle terminal or FIFO). */
    return read(fd, &byte, 1) < 0 && errno != EAGAIN ? errno : 0;
}

int probe_write(char *const *arguments, FILE *answer)
{
    hf_autoclose int fd = open(arguments[0], O_WRONLY | OPEN_FLAGS);

    (void)answer;
    if (fd < 0)
        return errno;
    return write(fd, "\n", 1) < 0 ? errno : 0;
}

int probe_create(char *const *arguments, FILE *answer)
{
    hf_autoclose int fd = open(arguments[0], O_WRONLY | O_CREAT | O_EXCL | OPEN_FLAGS, 0644);

    (void)answer;
    return answer_of(fd);
}

int probe_list(char *const *arguments, FILE *answer)
{
    DIR *directory = opendir(arguments[0]);
    int errnum;

    (void)answer;
    if (!directory)
        return errno;
    errno = 0;
    errnum = readdir(directory) ? 0 : errno;
    closedir(directory);
    return errnum;
}

int probe_rename(char *const *arguments, FILE *answer)
{
    (void)answer;
    return answer_of(rename(arguments[0], arguments[1]));
}

int probe_link(char *const *arguments, FILE *answer)
{
    (void)answer;
    return answer_of(link(arguments[0], arguments[1]));
}

int probe_symlink(char *const *arguments, FILE *answer)
{
    (void)answer;
    return answer_of(symlink(arguments[0], arguments[1]));
}

int probe_unlink(char *const *arguments, FILE *answer)
{
    (void)answer;
    return answer_of(unlink(arguments[0]));
}

int probe_mkdir(char *const *arguments, FILE *answer)
{
    (void)answer;
    return answer_of(mkdir(arguments[0], 0755));
}

int probe_rmdir(char *const *arguments, FILE *answer)
{
    (void)answer;
    return answer_of(rmdir(arguments[0]));
}

int probe_mkfifo(char *const *arguments, FILE *answer)
{
    (void)answer;
    return answer_of(mkfifo(arguments[0], 0644));
}

int probe_truncate(char *const *arguments, FILE *answer)
{
    (void)answer;
    return answer_of(truncate(arguments[0], 0));
}

int probe_ftruncate(char *const *arguments, FILE *answer)
{
    hf_autoclose int fd = open(arguments[0], O_WRONLY | OPEN_FLAGS);

    (void)answer;
    if (fd < 0)
        return errno;
    return answer_of(ftruncate(fd, 0));
}

int probe_ioctl(char *const *arguments, FILE *answer)
{
    hf_autoclose int fd = open(arguments[0], O_RDONLY | OPEN_FLAGS);
    struct termios settings; /* libc's, which is longer than the kernel's */

    (void)answer;
    if (fd < 0)
        return errno;
    return ioctl(fd, TCGETS, &settings) < 0 && errno != ENOTTY ? errno : 0;
}

/* The mode it has already: the kernel's checks are the same, and nothing is changed for the next probe. */
int probe_chmod(char *const *arguments, FILE *answer)
{
    struct stat status;

    (void)answer;
    if (stat(arguments[0], &status) < 0)
        return errno;
    return answer_of(chmod(arguments[0], status.st_mode & 07777));
}
