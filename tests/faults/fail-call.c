/* fail-call CALL ERRNO NTH [--of PROCESS] [--beside NAME,NAME] [--user UID] [--trace FILE] COMMAND ARG...: runs a command in
 * whose process tree the NTH call of that name by that process fails with ERRNO, once, without having been made; ERRNO `KILL`
 * ends the caller instead, and `END` has it return 0. NTH counts from 1 and from the command's execve on; 0 is never. The
 * processes of a start are its `supervisor`, which is the command, its `init`, the `command` that init starts, and those which
 * the supervisor forks beside init, named by --beside in that order (`proxy`). With --trace every call of the tree is written
 * down, a line each: process, call and what it is about, with tabs between.
 *
 * By a seccomp user notification (seccomp_unotify(2)), which does not show in what the command sees of itself: as root the
 * filter needs no no_new_privs, and it is loaded before the change of user. The exit status is the command's, 128 + N for
 * a signal; 99 where a process of the tree outlived the command, 98 where the harness itself failed. */
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "subject.h"

#define ERRNO_MAX 4095 /* include/linux/err.h */
#define EVERY_CALL (-1)
#define LEFT_BEHIND 99
#define HARNESS 98
#define PATIENCE_MILLISECONDS 10000
#define GRACE_MILLISECONDS 500 /* for what is ending already */

struct wanted {
    int call;
    int errnum; /* 0: it returns 0 */
    bool kill;  /* the caller, instead */
    unsigned long nth;
    const char *process, *beside;
    long user; /* -1: the caller's own */
    FILE *trace;
    char **command;
};

/* Both processes see it. */
struct shared {
    volatile int listener;
    volatile bool armed;
};

/* The tree that is watched. */
struct tree {
    const struct wanted *wanted;
    const struct shared *shared;
    pid_t command;
    unsigned long count;
};

__attribute__((noreturn)) static void give_up(const char *what)
{
    fprintf(stderr, "fail-call: %s: %s\n", what, strerror(errno));
    _exit(HARNESS);
}

static long now_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int load_filter(int call)
{
    struct sock_filter one[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = call == EVERY_CALL ? 1 : 4, .filter = call == EVERY_CALL ? one + 2 : one};

    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* The table of descriptors is shared until the execve, so that the listener needs no handing over, which would be calls. */
__attribute__((noreturn)) static void run_child(const struct wanted *wanted, struct shared *shared)
{
    const int listener = load_filter(wanted->call);

    if (listener < 0)
        give_up("cannot load the filter; it needs root");
    shared->listener = listener;
    if (wanted->user >= 0) {
        const gid_t group = (gid_t)wanted->user;
        const uid_t user = (uid_t)wanted->user;

        if (setgroups(0, NULL) < 0 || setresgid(group, group, group) < 0 || setresuid(user, user, user) < 0)
            give_up("cannot change the user");
    }
    shared->armed = true;
    execv(wanted->command[0], wanted->command);
    give_up(wanted->command[0]);
}

/* Of a process or one of its threads (proc_pid_status(5)). */
struct numbers {
    int leader; /* the whole process's */
    int namespaces;
    int inside; /* in the innermost of them */
};

static struct numbers numbers_of(int pid)
{
    struct numbers found = {0};
    char path[64], line[256];
    int outside;
    FILE *status;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    status = fopen(path, "re");
    while (status && fgets(line, sizeof(line), status) && found.namespaces < 1) {
        (void)sscanf(line, "Tgid: %d", &found.leader);
        found.namespaces = sscanf(line, "NSpid: %d %d", &outside, &found.inside);
    }
    if (status)
        fclose(status);
    return found;
}

/* Which of those that the supervisor forked for outside it is; the kernel lists children in the order of their birth. */
static int place_beside(const struct tree *tree, int leader)
{
    char path[64];
    int place = 0, child = 0;
    FILE *children;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", tree->command, tree->command);
    children = fopen(path, "re");
    while (children && fscanf(children, "%d", &child) == 1 && child != leader)
        place += numbers_of(child).namespaces == 1;
    if (children)
        fclose(children);
    return place;
}

/* Init is who is the first inside; the command has another number there. */
static const char *name_of(const struct tree *tree, __u32 pid)
{
    const struct numbers numbers = numbers_of((int)pid);
    const char *name = tree->wanted->beside;
    static char cut[32];

    if (pid == (__u32)tree->command)
        return "supervisor";
    if (numbers.namespaces > 1)
        return numbers.inside == 1 ? "init" : "command";
    for (int place = place_beside(tree, numbers.leader); place > 0 && strchr(name, ','); place--)
        name = strchr(name, ',') + 1;
    snprintf(cut, sizeof(cut), "%.*s", (int)strcspn(name, ","), name);
    return cut;
}

static void note(const struct tree *tree, const struct seccomp_notif *asked)
{
    FILE *const trace = tree->wanted->trace;
    char *const name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, asked->data.nr);

    fprintf(trace, "%s\t%s\t", name_of(tree, asked->pid), name ? name : "?");
    print_subject(trace, asked);
    fputc('\n', trace);
    free(name);
}

static bool is_wanted(struct tree *tree, const struct seccomp_notif *asked)
{
    const struct wanted *const wanted = tree->wanted;

    return strcmp(name_of(tree, asked->pid), wanted->process) == 0 && ++tree->count == wanted->nth;
}

/* Answers one call. */
static void answer(struct tree *tree)
{
    struct seccomp_notif asked = {0};
    struct seccomp_notif_resp reply = {0};
    const struct wanted *const wanted = tree->wanted;
    const int listener = tree->shared->listener;
    const bool armed = tree->shared->armed;

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
        return; /* the caller was killed meanwhile */
    reply.id = asked.id;
    reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (armed && wanted->trace)
        note(tree, &asked);
    else if (armed && is_wanted(tree, &asked)) {
        if (wanted->kill)
            kill((pid_t)asked.pid, SIGKILL);
        reply.flags = 0;
        reply.error = -wanted->errnum;
    }
    (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply); /* ENOENT: likewise */
}

/* Reaps what has ended; true when the command has. */
static bool reap(pid_t command, int *status)
{
    bool ended = false;
    int other;

    for (pid_t pid; (pid = waitpid(-1, &other, WNOHANG)) > 0;)
        if (pid == command) {
            *status = WIFSIGNALED(other) ? 128 + WTERMSIG(other) : WEXITSTATUS(other);
            ended = true;
        }
    return ended;
}

/* Kills what is left of the tree, after a while; true when there was something. */
static bool left_behind(struct tree *tree)
{
    const long deadline = now_milliseconds() + GRACE_MILLISECONDS;
    bool found = false;
    siginfo_t child;

    while (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0) {
        struct pollfd asked = {.fd = tree->shared->listener, .events = POLLIN};
        int status;

        if (child.si_pid) {
            (void)reap(0, &status);
            child.si_pid = 0;
            continue;
        }
        if (poll(&asked, 1, 5) > 0 && asked.revents & POLLIN)
            answer(tree);
        if (now_milliseconds() < deadline)
            continue;
        found = true;
        /* The children of a subreaper: all that the tree left. */
        for (FILE *list = fopen("/proc/thread-self/children", "re"); list; list = NULL) {
            for (int pid; fscanf(list, "%d", &pid) == 1;)
                kill(pid, SIGKILL);
            fclose(list);
        }
    }
    return found;
}

static int serve(const struct wanted *wanted, const struct shared *shared, pid_t command)
{
    const long deadline = now_milliseconds() + PATIENCE_MILLISECONDS;
    struct tree tree = {.wanted = wanted, .shared = shared, .command = command};
    int status = HARNESS;
    bool ended = false, killed = false;

    while (shared->listener < 0 && !ended)
        ended = reap(command, &status);
    if (shared->listener < 0)
        return HARNESS; /* it has said why */
    while (!ended && !reap(command, &status)) {
        struct pollfd asked = {.fd = shared->listener, .events = POLLIN};

        if (poll(&asked, 1, 1) > 0 && asked.revents & POLLIN)
            answer(&tree);
        if (!killed && now_milliseconds() > deadline) {
            fputs("fail-call: hang\n", stderr);
            kill(command, SIGKILL);
            killed = true;
        }
    }
    return left_behind(&tree) ? LEFT_BEHIND : status;
}

static int errno_of(const char *name)
{
    if (strcmp(name, "END") == 0)
        return 0;
    if (strcmp(name, "KILL") == 0)
        return EINTR; /* whatever: nobody is there to see it */
    for (int errnum = 1; errnum <= ERRNO_MAX; errnum++) {
        const char *const known = strerrorname_np(errnum);

        if (known && strcmp(known, name) == 0)
            return errnum;
    }
    return -1;
}

static bool parse(int argc, char *argv[], struct wanted *wanted)
{
    int at = 4;

    if (argc < 5)
        return false;
    *wanted = (struct wanted){.call = seccomp_syscall_resolve_name(argv[1]),
                              .errnum = errno_of(argv[2]),
                              .kill = strcmp(argv[2], "KILL") == 0,
                              .nth = strtoul(argv[3], NULL, 10),
                              .process = "supervisor",
                              .beside = "proxy",
                              .user = -1};
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
        if (strcmp(argv[at], "--user") == 0)
            wanted->user = strtol(argv[at + 1], NULL, 10);
        else if (strcmp(argv[at], "--of") == 0)
            wanted->process = argv[at + 1];
        else if (strcmp(argv[at], "--beside") == 0)
            wanted->beside = argv[at + 1];
        else if (strcmp(argv[at], "--trace") == 0)
            wanted->trace = fopen(argv[at + 1], "we");
    }
    if (wanted->trace)
        wanted->call = EVERY_CALL;
    wanted->command = argv + at;
    return at < argc && wanted->errnum >= 0 && (wanted->call >= 0 || wanted->trace);
}

int main(int argc, char *argv[])
{
    struct wanted wanted;
    struct shared *shared;
    pid_t command;

    if (!parse(argc, argv, &wanted)) {
        fputs("usage: fail-call CALL ERRNO|KILL|END NTH [--of PROCESS] [--beside NAME,NAME] [--user UID] [--trace FILE] "
              "COMMAND ARG...\n", stderr);
        return HARNESS;
    }
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        give_up("cannot begin");
    *shared = (struct shared){.listener = -1};
    command = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
    if (command < 0)
        give_up("clone");
    if (command == 0)
        run_child(&wanted, shared);
    return serve(&wanted, shared, command);
}
