/* A call waits for its answer, so that its arguments are still there to be read, in its memory and in its /proc directory. */
#include "subject.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum kind { DESCRIPTOR, PATH, RULE, OPTION, FAMILY, NUMBER };

static const struct {
    long call;
    enum kind kind;
    int argument;
} calls[] = {
    {SYS_access, PATH, 0},
    {SYS_bind, DESCRIPTOR, 0},
    {SYS_chdir, PATH, 0},
    {SYS_chmod, PATH, 0},
    {SYS_close, DESCRIPTOR, 0},
    {SYS_connect, DESCRIPTOR, 0},
    {SYS_dup2, DESCRIPTOR, 0},
    {SYS_dup3, DESCRIPTOR, 0},
    {SYS_epoll_ctl, DESCRIPTOR, 2},
    {SYS_execve, PATH, 0},
    {SYS_faccessat, PATH, 1},
    {SYS_fcntl, DESCRIPTOR, 0},
    {SYS_flock, DESCRIPTOR, 0},
    {SYS_fstat, DESCRIPTOR, 0},
    {SYS_getdents64, DESCRIPTOR, 0},
    {SYS_getsockname, DESCRIPTOR, 0},
    {SYS_ioctl, DESCRIPTOR, 0},
    {SYS_landlock_add_rule, RULE, 2},
    {SYS_landlock_create_ruleset, NUMBER, 2},
    {SYS_listen, DESCRIPTOR, 0},
    {SYS_lseek, DESCRIPTOR, 0},
    {SYS_mkdir, PATH, 0},
    {SYS_mmap, DESCRIPTOR, 4},
    {SYS_mount, PATH, 1},
    {SYS_newfstatat, PATH, 1},
    {SYS_openat, PATH, 1},
    {SYS_prctl, OPTION, 0},
    {SYS_pread64, DESCRIPTOR, 0},
    {SYS_prlimit64, NUMBER, 1},
    {SYS_read, DESCRIPTOR, 0},
    {SYS_readlink, PATH, 0},
    {SYS_recvfrom, DESCRIPTOR, 0},
    {SYS_recvmsg, DESCRIPTOR, 0},
    {SYS_rmdir, PATH, 0},
    {SYS_rt_sigaction, NUMBER, 0},
    {SYS_sendmsg, DESCRIPTOR, 0},
    {SYS_signalfd4, NUMBER, 3},
    {SYS_socket, FAMILY, 0},
    {SYS_statfs, PATH, 0},
    {SYS_unlink, PATH, 0},
    {SYS_write, DESCRIPTOR, 0},
};

struct name {
    const char *name;
    __u64 number;
};

#define NAMED(name) {#name, name}
static const struct name options[] = {
    NAMED(PR_CAPBSET_DROP), NAMED(PR_CAPBSET_READ), NAMED(PR_CAP_AMBIENT), NAMED(PR_GET_DUMPABLE), NAMED(PR_GET_NO_NEW_PRIVS),
    NAMED(PR_SET_DUMPABLE), NAMED(PR_SET_NO_NEW_PRIVS), NAMED(PR_SET_PDEATHSIG),
};
static const struct name families[] = {NAMED(AF_UNIX), NAMED(AF_INET), NAMED(AF_NETLINK)};

static size_t read_memory(pid_t pid, __u64 address, void *buffer, size_t size)
{
    const struct iovec here = {.iov_base = buffer, .iov_len = size},
                       there = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
    const ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);

    return got > 0 ? (size_t)got : 0;
}

static bool print_path(FILE *stream, pid_t pid, __u64 address)
{
    char path[PATH_MAX] = "";

    /* By the page: the next one may not be there. */
    for (size_t have = 0, got = 1; got && have < sizeof(path) - 1 && !memchr(path, '\0', have); have += got) {
        const size_t page = PAGE - (address + have) % PAGE, room = sizeof(path) - 1 - have;

        got = read_memory(pid, address + have, path + have, page < room ? page : room);
    }
    fputs(path, stream);
    return path[0];
}

static void print_descriptor(FILE *stream, pid_t pid, int fd)
{
    char link[64], target[PATH_MAX];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
    length = readlink(link, target, sizeof(target));
    fprintf(stream, "%.*s", length > 0 ? (int)length : 0, target);
}

/* struct landlock_path_beneath_attr: the descriptor stands behind the rights. */
static void print_rule(FILE *stream, pid_t pid, __u64 address)
{
    int fd;

    if (read_memory(pid, address + sizeof(__u64), &fd, sizeof(fd)) == sizeof(fd))
        print_descriptor(stream, pid, fd);
}

static void print_name(FILE *stream, const struct name *names, size_t count, __u64 number)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].number == number)
            fputs(names[i].name, stream);
}

void print_subject(FILE *stream, const struct seccomp_notif *asked)
{
    const __u64 *const arguments = asked->data.args;
    const pid_t pid = (pid_t)asked->pid;

    for (size_t i = 0; i < LENGTH(calls); i++) {
        const __u64 argument = arguments[calls[i].argument];

        if (calls[i].call != asked->data.nr)
            continue;
        if (calls[i].kind == DESCRIPTOR)
            print_descriptor(stream, pid, (int)argument);
        else if (calls[i].kind == RULE)
            print_rule(stream, pid, argument);
        else if (calls[i].kind == OPTION)
            print_name(stream, options, LENGTH(options), argument);
        else if (calls[i].kind == FAMILY)
            print_name(stream, families, LENGTH(families), argument);
        else if (calls[i].kind == NUMBER)
            fprintf(stream, "%lld", argument);
        else if (!print_path(stream, pid, argument)) /* AT_EMPTY_PATH */
            print_descriptor(stream, pid, (int)arguments[0]);
    }
}
