/* abi-ceiling LEVEL COMMAND ARG...: runs a command as if the kernel's Landlock ABI were LEVEL (1 to 11), or as if there
 * were none (ENOSYS), were it off (EOPNOTSUPP) or blocked by a container's filter (EPERM).
 *
 * For the last three a seccomp filter is enough, and the command is executed in place. For a level, this process stays
 * as the command's parent, which answers its Landlock calls. As the parent it may read the memory of what it answers,
 * also where Yama lets nobody else. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi_answer.h"
#include "abi_filter.h"
#include "base/cleanup.h"
#include "kernel/facts.h"
#include "leftovers.h"

#define NOT_STARTED 125 /* as env(1) and holdfast: the command was not run */

static const char usage[] = "usage: abi-ceiling none|off|blocked|1..11 COMMAND [ARG...]\n";

__attribute__((noreturn)) static void give_up(const char *what)
{
    const int cause = errno;

    fprintf(stderr, "abi-ceiling: %s: %s\n", what, strerror(cause));
    if (cause == EBUSY)
        fputs("abi-ceiling: another seccomp listener is above already; a process tree has one only\n", stderr);
    _exit(NOT_STARTED);
}

__attribute__((noreturn)) static void execute(char *const argv[])
{
    execvp(argv[0], argv);
    fprintf(stderr, "abi-ceiling: cannot execute %s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

/* The signals that are passed on. Not those of job control, which the terminal gives to the command as well, nor those
 * that tell of an error of this process itself. */
static sigset_t watched_signals(void)
{
    static const int own[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGSEGV, SIGBUS,
                              SIGFPE,  SIGILL,  SIGTRAP, SIGABRT, SIGSYS};
    sigset_t set;

    sigfillset(&set);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        sigdelset(&set, own[i]);
    return set;
}

static bool send_descriptor(int channel, int fd)
{
    char byte = 0;
    struct iovec data = {&byte, 1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room)};

    control.header =
        (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    return sendmsg(channel, &message, MSG_NOSIGNAL) == 1;
}

/* -1 when the other side ended without sending one. */
static int receive_descriptor(int channel)
{
    char byte;
    struct iovec data = {&byte, 1};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.room)};
    int fd = -1;

    if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    return fd;
}

/* The command must not outlive the one who answers for it. */
__attribute__((noreturn)) static void run_child(const struct abi_level *level, char *const argv[], int channel,
                                                pid_t parent, const sigset_t *mask)
{
    int listener;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        give_up("cannot tie the command to this process");
    if ((listener = abi_filter_listen(level)) < 0)
        give_up("cannot install the ceiling's seccomp filter");
    if (!send_descriptor(channel, listener))
        give_up("cannot hand the seccomp listener over");
    close(listener);
    close(channel);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execute(argv);
}

/* A signal that the terminal gave (SI_KERNEL) has reached the command too. */
static void forward(pid_t child, const struct signalfd_siginfo *info)
{
    if (info->ssi_code != SI_KERNEL)
        kill(child, (int)info->ssi_signo);
}

/* Reaps what has ended, orphans included; true when the command has. */
static bool reap(pid_t child, int *status)
{
    int other;
    pid_t pid;

    while ((pid = waitpid(-1, &other, WNOHANG)) > 0)
        if (pid == child) {
            *status = other;
            return true;
        }
    return false;
}

static int serve(int listener, int signals, const struct abi_level *level, pid_t child)
{
    struct pollfd watched[] = {{.fd = signals, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
    int status = 0;

    for (;;) {
        struct signalfd_siginfo info;

        if (poll(watched, 2, -1) < 0 && errno != EINTR)
            give_up("poll");
        if (watched[1].revents && (!(watched[1].revents & POLLIN) || !abi_answer(listener, level)))
            watched[1].fd = -1; /* nobody is left to ask */
        if (!watched[0].revents || read(signals, &info, sizeof(info)) != sizeof(info))
            continue;
        if (info.ssi_signo != SIGCHLD)
            forward(child, &info);
        else if (reap(child, &status))
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

static int supervise(const struct abi_level *level, char *const argv[])
{
    const sigset_t watched = watched_signals();
    const pid_t self = getpid();
    hf_autoclose int listener = -1, signals = -1;
    sigset_t mask;
    int channel[2], status;
    pid_t child;

    signal(SIGCHLD, SIG_DFL); /* an ignored one, which is inherited, would reap the command unseen */
    if (sigprocmask(SIG_BLOCK, &watched, &mask) < 0 || (signals = signalfd(-1, &watched, SFD_CLOEXEC)) < 0)
        give_up("signals");
    if (!hf_leftovers_adopt() || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) < 0)
        give_up("cannot prepare the command's process");
    if ((child = fork()) < 0)
        give_up("fork");
    if (child == 0)
        run_child(level, argv, channel[1], self, &mask);
    close(channel[1]);
    listener = receive_descriptor(channel[0]);
    close(channel[0]);
    if (listener < 0) { /* it has said why */
        waitpid(child, NULL, 0);
        return NOT_STARTED;
    }
    status = serve(listener, signals, level, child);
    hf_leftovers_kill();
    return status;
}

/* A ceiling cannot be above the roof. */
static void require_abi(int abi)
{
    const struct hf_facts kernel = hf_facts_probe();

    if (kernel.landlock != HF_LANDLOCK_AVAILABLE)
        fprintf(stderr, "abi-ceiling: this kernel's Landlock is '%s': no ABI can be shown below it\n",
                hf_landlock_state_name(kernel.landlock));
    else if (kernel.abi < abi)
        fprintf(stderr, "abi-ceiling: this kernel's Landlock ABI is %d, which is below %d: take a level up to %d\n",
                kernel.abi, abi, kernel.abi);
    else
        return;
    exit(NOT_STARTED);
}

int main(int argc, char *argv[])
{
    struct hf_facts wanted;
    struct abi_level level;

    if (argc < 3 || !hf_facts_parse(argv[1], &wanted) || wanted.abi > ABI_NEWEST) {
        fputs(usage, stderr);
        return NOT_STARTED;
    }
    if (wanted.landlock != HF_LANDLOCK_AVAILABLE) {
        if (!abi_filter_refuse(hf_landlock_state_errno(wanted.landlock)))
            give_up("cannot install the ceiling's seccomp filter");
        execute(argv + 2);
    }
    require_abi(wanted.abi);
    level = abi_level(wanted.abi);
    return supervise(&level, argv + 2);
}
