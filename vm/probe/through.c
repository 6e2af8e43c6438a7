/* A system call made by another process, as by whoever makes that process do what he wants: it is stopped in a call of its own,
 * makes this one there (ptrace(2)), and goes on as it was. So the answer is that of its sandbox, not of the caller's. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

#define SYSCALL_INSTRUCTION 0x050f /* its two bytes, in front of where a process waits in a call */
#define BELOW_THE_STACK 4096       /* past the 128 bytes there that are a function's own (System V ABI, 3.2.2) */
#define ATTEMPTS 200
#define PAUSE_MICROSECONDS 10000
#define PATH (-1L) /* in place of an argument: the path's address */

static const struct {
    const char *name;
    long call, arguments[3];
    bool opens;
} calls[] = {
    {"read", SYS_openat, {AT_FDCWD, PATH, O_RDONLY}, true},
    {"write", SYS_openat, {AT_FDCWD, PATH, O_WRONLY}, true},
    {"execute", SYS_execve, {PATH, 0, 0}, false},
    {"socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}, true},
};

#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))

static size_t call_of(const char *name)
{
    size_t i = 0;

    while (i < CALL_COUNT && strcmp(calls[i].name, name) != 0)
        i++;
    return i;
}

bool probe_through_known(const char *name)
{
    return call_of(name) < CALL_COUNT;
}

static bool wait_for_stop(pid_t pid)
{
    int status;

    return TEMP_FAILURE_RETRY(waitpid(pid, &status, __WALL)) == pid && WIFSTOPPED(status);
}

static bool put_path(pid_t pid, unsigned long address, const char *path)
{
    for (size_t done = 0, size = strlen(path) + 1; done < size; done += sizeof(long)) {
        long word = 0;

        memcpy(&word, path + done, size - done < sizeof(word) ? size - done : sizeof(word));
        if (ptrace(PTRACE_POKEDATA, pid, address + done, word) < 0)
            return false;
    }
    return true;
}

/* Where a path is put. */
static unsigned long below_the_stack(const struct user_regs_struct *where)
{
    return (where->rsp - BELOW_THE_STACK) & ~(sizeof(long) - 1);
}

/* Stopped where it waits in a call: 0, an errno, or EAGAIN where it is somewhere else. */
static int stop(pid_t pid, struct user_regs_struct *where)
{
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
        return errno;
    if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 || !wait_for_stop(pid) || ptrace(PTRACE_GETREGS, pid, 0, where) < 0)
        return errno ? errno : ESRCH;
    errno = 0;
    if ((ptrace(PTRACE_PEEKTEXT, pid, where->rip - 2, 0) & 0xffff) == SYSCALL_INSTRUCTION && errno == 0)
        return 0;
    return ptrace(PTRACE_DETACH, pid, 0, 0) < 0 ? errno : EAGAIN;
}

/* The call's result or -errno. `orig_rax` -1: what it was waiting in is not begun again yet. */
static long make(pid_t pid, const struct user_regs_struct *where, long call, const long arguments[3])
{
    const unsigned long path = below_the_stack(where);
    struct user_regs_struct there = *where;

    there.rip = where->rip - 2;
    there.rax = (unsigned long)call;
    there.orig_rax = (unsigned long)-1;
    there.rdi = arguments[0] == PATH ? path : (unsigned long)arguments[0];
    there.rsi = arguments[1] == PATH ? path : (unsigned long)arguments[1];
    there.rdx = (unsigned long)arguments[2];
    if (ptrace(PTRACE_SETREGS, pid, 0, &there) < 0 || ptrace(PTRACE_SINGLESTEP, pid, 0, 0) < 0 || !wait_for_stop(pid) ||
        ptrace(PTRACE_GETREGS, pid, 0, &there) < 0)
        return -(errno ? errno : ESRCH);
    return (long)there.rax;
}

int probe_through(char *const *arguments, FILE *answer)
{
    const pid_t pid = (pid_t)strtol(arguments[0], NULL, 10);
    const size_t which = call_of(arguments[1]);
    struct user_regs_struct where = {0};
    int stopped = EAGAIN;
    long got;

    for (int i = 0; i < ATTEMPTS && stopped == EAGAIN; i++) {
        stopped = stop(pid, &where);
        if (stopped == EAGAIN)
            usleep(PAUSE_MICROSECONDS);
    }
    if (stopped) {
        fprintf(answer, "ptrace=%s", probe_errno_name(stopped));
        return 0;
    }
    if (!put_path(pid, below_the_stack(&where), arguments[2])) {
        fprintf(answer, "path=%s", probe_errno_name(errno));
        return 0;
    }
    got = make(pid, &where, calls[which].call, calls[which].arguments);
    if (got >= 0 && calls[which].opens)
        (void)make(pid, &where, SYS_close, (const long[3]){got, 0, 0});
    if (got < 0 || calls[which].opens)
        (void)ptrace(PTRACE_SETREGS, pid, 0, &where); /* what has executed has no way back */
    (void)ptrace(PTRACE_DETACH, pid, 0, 0);
    return got < 0 ? (int)-got : 0;
}
