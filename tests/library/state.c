/* What of its caller a library must leave as it is: signals, children, directory, streams, descriptors. */
#include "caller.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct state {
    sigset_t mask;
    struct sigaction actions[NSIG];
    char directory[4096];
    struct stat streams[3];
    int dumpable;
    int lowest_free; /* descriptor */
};

static void handler(int number)
{
    (void)number;
}

static struct state look(void)
{
    struct state state;

    memset(&state, 0, sizeof(state));
    HOLDS(sigprocmask(SIG_SETMASK, NULL, &state.mask) == 0);
    for (int i = 1; i < NSIG; i++)
        (void)sigaction(i, NULL, &state.actions[i]);
    HOLDS(getcwd(state.directory, sizeof(state.directory)));
    for (int i = 0; i < 3; i++)
        HOLDS(fstat(i, &state.streams[i]) == 0);
    state.dumpable = prctl(PR_GET_DUMPABLE);
    state.lowest_free = dup(0);
    close(state.lowest_free);
    return state;
}

static bool same(const struct state *a, const struct state *b)
{
    bool all = memcmp(&a->mask, &b->mask, sizeof(a->mask)) == 0 && strcmp(a->directory, b->directory) == 0 &&
               a->dumpable == b->dumpable && a->lowest_free == b->lowest_free;

    for (int i = 1; i < NSIG; i++)
        all = all && a->actions[i].sa_handler == b->actions[i].sa_handler;
    for (int i = 0; i < 3; i++)
        all = all && a->streams[i].st_ino == b->streams[i].st_ino && a->streams[i].st_dev == b->streams[i].st_dev;
    return all;
}

static void caller_is_left_as_it_is(void)
{
    const struct hf_options elsewhere = {.workdir = "/tmp"};
    struct state before, between, after;
    struct started it;

    signal(SIGUSR1, handler);
    signal(SIGTERM, SIG_IGN);
    before = look();
    it = start_well(&elsewhere, "test \"$(pwd)\" = /tmp; exit $?");
    between = look();
    between.lowest_free = before.lowest_free; /* the sandbox has some */
    ends_with(&it, HF_EXIT_EXITED, 0);
    after = look();
    HOLDS(same(&before, &between));
    HOLDS(same(&before, &after));
}

static void child_signals_are_ignored(void)
{
    struct started it;

    signal(SIGCHLD, SIG_IGN);
    it = start_well(&usual, "exit 3");
    ends_with(&it, HF_EXIT_EXITED, 3);
}

static volatile sig_atomic_t reaped;

static void reap_all(int number)
{
    const int kept = errno;

    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;
    errno = kept;
}

static void handler_reaps_all_children(void)
{
    struct sigaction action = {.sa_handler = reap_all};

    HOLDS(sigaction(SIGCHLD, &action, NULL) == 0);
    for (int i = 0; i < 20; i++) {
        struct started it = start_well(&usual, "exit 3");

        ends_with(&it, HF_EXIT_EXITED, 3);
    }
}

static void other_children_are_not_reaped(void)
{
    const pid_t other = fork();
    struct started it;
    int status;

    if (other == 0)
        _exit(9);
    it = start_well(&usual, "exit 0");
    ends_with(&it, HF_EXIT_EXITED, 0);
    HOLDS(waitpid(other, &status, 0) == other && WIFEXITED(status) && WEXITSTATUS(status) == 9);
    HOLDS(waitpid(-1, &status, 0) == -1 && errno == ECHILD);
}

/* SIGUSR2 (12) alone is blocked, SIGTERM (15) alone ignored. Without a shell, which may have a mask of its own. */
static void command_gets_the_callers_signals(void)
{
    /* 32 and 33 are libc's own (nptl(7)), cannot be set, and are ignored below make. */
    char *const argv[] = {"grep", "-Pzq", "SigBlk:\\t0{13}800\\nSigIgn:\\t0{7}[01][08]0{3}4000\\n", "/proc/self/status", NULL};
    struct started it = {.policy = hf_policy_load(NULL)};
    sigset_t set;

    for (int i = 1; i < NSIG; i++)
        (void)signal(i, i == SIGTERM ? SIG_IGN : SIG_DFL);
    signal(SIGUSR1, handler);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    HOLDS(sigprocmask(SIG_SETMASK, &set, NULL) == 0);
    it.sandbox = hf_sandbox_new(it.policy, NULL, 0);
    HOLDS(it.sandbox && hf_sandbox_start(it.sandbox, argv, NULL));
    ends_with(&it, HF_EXIT_EXITED, 0);
}

const struct test_case state_cases[] = {
    CASE(caller_is_left_as_it_is),
    CASE(child_signals_are_ignored),
    CASE(handler_reaps_all_children),
    CASE(other_children_are_not_reaped),
    CASE(command_gets_the_callers_signals),
    {NULL, NULL},
};
