/* The floor under a start: `floor COMMAND ARG...` makes the sandbox of `holdfast run -- COMMAND ARG...` (the default
 * policy, block mode) by the same system calls and nothing else. It has no policy, no plan, no report, and no words for what
 * fails; rules and filter stand in it as data. What is slower than this is the runtime's own doing, and `make bench` holds
 * that to a limit and shows both programs' calls.
 *
 * These are not the fewest calls that one can think of, but those that the promises take: an init, so that nothing outlives
 * the run; a supervisor outside, which no command can trace or signal; a socket pair to each, which tells whether the
 * command was executed, and before that a look at whether it can be; capabilities read back, and one open that must fail;
 * what is asked of machine and caller before; and the warning of what this kernel cannot hold.
 * It is linked as the runtime is: libc alone is loaded, which a static program would save, and with it the names of users
 * and hosts (nsswitch.conf(5)). */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kernel/landlock_abi.h"

static const unsigned long own_namespaces = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | SIGCHLD;

static const int passed_on[] = {SIGCHLD, SIGTERM, SIGINT,  SIGQUIT, SIGHUP,  SIGUSR1, SIGUSR2,
                                SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH};

/* One word, by the calls that the runtime needs to pass a descriptor, too. */
static void tell(int channel, int word)
{
    struct iovec part = {.iov_base = &word, .iov_len = sizeof(word)};

    must(sendmsg(channel, &(struct msghdr){.msg_iov = &part, .msg_iovlen = 1}, MSG_NOSIGNAL) == sizeof(word));
}

/* False at the end: the other side has closed its end, or was executed. */
static bool hear(int channel, int *word)
{
    struct iovec part = {.iov_base = word, .iov_len = sizeof(*word)};
    const ssize_t got = recvmsg(channel, &(struct msghdr){.msg_iov = &part, .msg_iovlen = 1}, MSG_CMSG_CLOEXEC);

    must(got >= 0);
    return got == sizeof(*word);
}

static void die_with_supervisor(int channel)
{
    char byte;

    must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && recv(channel, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0);
}

static void give_notice(void)
{
    static const char notice[] = "floor: warning: sockets at any path can be connected to, read_only or not listed at all\n";

    must(write(STDERR_FILENO, notice, sizeof(notice) - 1) > 0);
}

static void leave_streams(int last)
{
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; fd <= last; fd++)
        must(dup2(null, fd) == fd);
    close(null);
}

_Noreturn static void command(int ruleset, int channel, const sigset_t *mask, char **arguments)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};

    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    floor_add_rule(ruleset, "/proc", FLOOR_READ_ONLY, NULL);
    must(syscall(HF_NR_LANDLOCK_RESTRICT_SELF, ruleset, 0U) == 0);
    must(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0 && errno == EACCES);
    floor_load_filter();
    floor_write_no_core();
    tell(channel, 0);
    must(raise(SIGCONT) == 0);
    must(sigaction(SIGCHLD, &usual, NULL) == 0 && sigprocmask(SIG_SETMASK, mask, NULL) == 0);
    execve(arguments[0], arguments, environ);
    _exit(126);
}

/* From the start of the command to its end. */
static int attend(int channel, int ruleset, const sigset_t *mask, char **arguments)
{
    int ends[2], children, status, word;
    sigset_t child;
    struct signalfd_siginfo told;
    struct pollfd wanted[] = {{.fd = channel, .events = POLLIN}, {.events = POLLIN}};

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    must((children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK)) >= 0);
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    switch (vfork()) {
    case -1:
        _exit(125);
    case 0:
        command(ruleset, ends[1], mask, arguments);
    }
    close(ends[1]);
    must(hear(ends[0], &word) && !hear(ends[0], &word));
    close(ends[0]);
    tell(channel, 0);
    leave_streams(STDERR_FILENO);
    wanted[1].fd = children;
    must(poll(wanted, 2, -1) == 1 && read(children, &told, sizeof(told)) == (ssize_t)sizeof(told));
    must(waitpid(-1, &status, WNOHANG | WUNTRACED) > 0);
    return status;
}

_Noreturn static void init(int channel, int ruleset, const uid_t *uid, gid_t gid, const sigset_t *mask, char **arguments)
{
    sigset_t all;
    int status;

    sigfillset(&all);
    must(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
    die_with_supervisor(channel);
    if (*uid)
        floor_map_ids(*uid, gid);
    must(mount("none", "/", "none", MS_REC | MS_SLAVE, NULL) == 0);
    must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) == 0);
    floor_bring_lo_up();
    channel = fcntl(channel, F_DUPFD_CLOEXEC, 5);
    ruleset = fcntl(ruleset, F_DUPFD_CLOEXEC, 5);
    must(dup3(channel, 3, O_CLOEXEC) == 3 && dup3(ruleset, 4, O_CLOEXEC) == 4);
    must(syscall(SYS_close_range, 5U, ~0U, 0U) == 0);
    floor_check_streams();
    floor_drop_capabilities();
    die_with_supervisor(3);
    must(prctl(PR_SET_DUMPABLE, 0) == 0);
    give_notice();
    status = attend(3, 4, mask, arguments);
    tell(3, status);
    _exit(0);
}

int main(int argc, char **argv)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    const uid_t uid = geteuid();
    const gid_t gid = getegid();
    sigset_t mask, watched;
    int ends[2], ruleset, signals, status;
    struct signalfd_siginfo told;
    pid_t child;

    must(argc > 1);
    floor_ask_streams();
    floor_ask_machine(argv[1]);
    ruleset = floor_make_ruleset();
    floor_look(argv[1]);
    floor_ask_caller();
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
        sigaddset(&watched, passed_on[i]);
    must(sigaction(SIGCHLD, &usual, NULL) == 0 && sigprocmask(SIG_BLOCK, &watched, &mask) == 0);
    must((signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK)) >= 0);
    must(prctl(PR_GET_DUMPABLE) == 1 && prctl(PR_SET_DUMPABLE, 0) == 0);
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    child = (pid_t)syscall(SYS_clone, uid ? own_namespaces | CLONE_NEWUSER : own_namespaces, NULL, NULL, NULL, 0UL);
    must(child >= 0);
    if (child == 0) {
        close(ends[0]);
        must(prctl(PR_SET_DUMPABLE, 1) == 0);
        init(ends[1], ruleset, &uid, gid, &mask, argv + 1);
    }
    close(ends[1]);
    must(hear(ends[0], &status));
    leave_streams(STDOUT_FILENO);
    must(read(signals, &told, sizeof(told)) != 0); /* the child may have ended by now */
    must(poll((struct pollfd[]){{.fd = ends[0], .events = POLLIN}, {.fd = signals, .events = POLLIN}}, 2, -1) > 0);
    must(hear(ends[0], &status));
    kill(child, SIGKILL);
    must(waitpid(child, NULL, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
