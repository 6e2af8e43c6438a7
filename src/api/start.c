/* A sandbox whose supervisor is a process of its own, so that the caller stays as it is: its signals, streams, directory and
 * threads. The two have a channel, whose end tells each that the other is gone, and the caller holds the supervisor by a
 * pidfd: its number may be anybody's once a handler of the caller's has reaped it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "api/handles.h"
#include "base/cleanup.h"
#include "launch/channel.h"
#include "launch/descriptors.h"
#include "launch/signals.h"

/* The caller's handlers are not for this process; what it ignores stays ignored, for the command too. */
static void drop_handlers(void)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    struct sigaction set;

    for (int number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &set) == 0 && set.sa_handler != SIG_DFL && set.sa_handler != SIG_IGN)
            (void)sigaction(number, &usual, NULL);
}

/* First copied out of the way: they may be 0, 1 and 2 in another order. */
static bool put_streams(const int streams[3], struct hf_error *error)
{
    int copies[3];

    for (int i = 0; i < 3 && streams[i] >= 0; i++) {
        copies[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (copies[i] < 0)
            return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "stream %d", i);
    }
    for (int i = 0; i < 3 && streams[i] >= 0; i++)
        if (dup2(copies[i], i) < 0)
            return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "stream %d", i);
    return true;
}

/* Where the caller has one of the standard streams closed, a descriptor of ours may have its number. */
static bool clear_streams(int *fd, struct hf_error *error)
{
    const int low = *fd;

    if (low < 0 || low > STDERR_FILENO)
        return true;
    *fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (*fd < 0)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "descriptor %d", low);
    close(low);
    return true;
}

bool hf_sandbox_hold_streams(struct hf_error *error)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
            return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "/dev/null");
    return true;
}

static bool introduce(int channel, struct hf_error *error)
{
    const struct hf_message here = {.kind = HF_MESSAGE_SUPERVISOR};
    hf_autoclose int self = (int)syscall(SYS_pidfd_open, getpid(), 0U);

    return (self >= 0 && hf_channel_send(channel, &here, self)) ||
           hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "pidfd_open");
}

static _Noreturn void be_supervisor(struct hf_sandbox *sandbox, int channel, const sigset_t *mask)
{
    struct hf_message last = {.kind = HF_MESSAGE_ENDED};
    struct hf_error *error = &sandbox->result.error;

    sandbox->run_lock = -1; /* its descriptor is closed below; the caller holds the lock */
    drop_handlers();
    if (!clear_streams(&channel, error) || !clear_streams(&sandbox->prepared.ruleset, error) ||
        !introduce(channel, error) || !put_streams(sandbox->streams, error) ||
        !hf_descriptors_close_others((int *[]){&channel, &sandbox->prepared.ruleset}, 2, error) ||
        !hf_sandbox_hold_streams(error) || sigprocmask(SIG_SETMASK, mask, NULL) < 0 || !hf_sandbox_supervise(sandbox, channel)) {
        last.kind = HF_MESSAGE_FAILED;
        last.error = error;
    }
    last.ended = sandbox->result.ended;
    last.hits = sandbox->result.hits;
    hf_sandbox_leave_run_directory(sandbox);
    (void)hf_channel_send(channel, &last, -1);
    _exit(0);
}

/* Signals wait while there are two of this process: a handler of the caller's must run in one of them alone. */
static pid_t fork_supervisor(struct hf_sandbox *sandbox, struct hf_error *error)
{
    sigset_t all, before;
    int ends[2];
    pid_t child;

    if (!hf_channel_open(ends)) {
        hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "socketpair");
        return -1;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    child = fork();
    if (child == 0) {
        close(ends[0]);
        be_supervisor(sandbox, ends[1], &before);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    sandbox->channel = ends[0];
    if (child < 0)
        hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "fork");
    return child;
}

static bool follow_start(struct hf_sandbox *sandbox, struct hf_error *error)
{
    for (;;) {
        struct hf_message message = {.error = error};
        hf_autoclose int process = -1;

        if (hf_channel_receive(sandbox->channel, &message, &process) != 1)
            return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, 0, "the supervisor ended");
        switch (message.kind) {
        case HF_MESSAGE_SUPERVISOR:
            if (process < 0)
                return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, EMFILE, "the supervisor's pidfd");
            sandbox->supervisor = hf_steal(process, -1);
            break;
        case HF_MESSAGE_STARTED:
            return true;
        default:
            return false;
        }
    }
}

/* Waits for the supervisor's own end. It is not there any more where SIGCHLD is ignored, or was reaped by the caller. */
static void reap(struct hf_sandbox *sandbox)
{
    siginfo_t info;

    if (sandbox->supervisor >= 0) {
        while (waitid(P_PIDFD, (id_t)sandbox->supervisor, &info, WEXITED) < 0 && errno == EINTR)
            ;
        close(sandbox->supervisor);
    }
    if (sandbox->channel >= 0)
        close(sandbox->channel);
    sandbox->supervisor = sandbox->channel = -1;
    hf_sandbox_leave_run_directory(sandbox);
}

bool hf_sandbox_start(struct hf_sandbox *sandbox, char *const argv[], struct hf_error *error)
{
    struct hf_result *result = &sandbox->result;
    pid_t child = -1;

    if (!hf_sandbox_is_fresh(sandbox, error))
        return false;
    if (sandbox->options.observe || sandbox->options.learn || sandbox->log >= 0) {
        hf_fail(&result->error, HF_LAUNCH_FAILED, HF_STAGE_USAGE, EINVAL,
                "the option observe, learn or log, with hf_sandbox_start");
        return hf_sandbox_refuse(sandbox, error);
    }
    if (hf_sandbox_prepare(sandbox, argv)) {
        if (sandbox->options.warnings)
            hf_warnings_print(&sandbox->plan, &sandbox->prepared, sandbox->loaded->name, sandbox->options.warnings);
        child = fork_supervisor(sandbox, &result->error);
        result->started = child > 0 && follow_start(sandbox, &result->error);
    }
    if (!result->started) {
        const bool unknown = child > 0 && sandbox->supervisor < 0;

        reap(sandbox); /* the end of the channel is the supervisor's */
        while (unknown && waitpid(child, NULL, 0) < 0 && errno == EINTR)
            ;
        return hf_sandbox_refuse(sandbox, error);
    }
    return true;
}

bool hf_sandbox_wait(struct hf_sandbox *sandbox, struct hf_exit *ended, struct hf_error *error)
{
    struct hf_result *result = &sandbox->result;

    if (!sandbox->begun)
        hf_fail(&result->error, HF_LAUNCH_FAILED, HF_STAGE_USAGE, EINVAL, "a sandbox that was not started");
    if (!result->started)
        return hf_sandbox_refuse(sandbox, error);
    if (sandbox->channel >= 0) {
        struct hf_message message = {.error = NULL};
        hf_autoclose int none = -1;

        if (hf_channel_receive(sandbox->channel, &message, &none) == 1) {
            result->ended = message.ended;
            result->hits = message.hits;
        } else { /* a supervisor that ends without a word was killed, and its sandbox with it */
            result->ended = (struct hf_exit){HF_EXIT_SIGNALED, SIGKILL};
        }
        if (sandbox->options.warnings)
            hf_sandbox_tell_end(sandbox);
        reap(sandbox);
    }
    *ended = result->ended;
    return true;
}

int hf_sandbox_fd(const struct hf_sandbox *sandbox)
{
    return sandbox->channel;
}

bool hf_sandbox_signal(struct hf_sandbox *sandbox, int number)
{
    if (sandbox->channel < 0) {
        errno = ESRCH;
        return false;
    }
    if (number == SIGKILL)
        return shutdown(sandbox->channel, SHUT_WR) == 0;
    if (hf_signals_passed_on(number))
        return syscall(SYS_pidfd_send_signal, sandbox->supervisor, number, NULL, 0U) == 0;
    errno = EINVAL;
    return false;
}

void hf_sandbox_free(struct hf_sandbox *sandbox)
{
    struct hf_exit ended;

    if (!sandbox)
        return;
    if (hf_sandbox_signal(sandbox, SIGKILL))
        (void)hf_sandbox_wait(sandbox, &ended, NULL);
    hf_sandbox_leave_run_directory(sandbox);
    hf_capture_free(&sandbox->capture);
    free(sandbox->yaml);
    hf_identity_free(&sandbox->identity);
    hf_denials_free(&sandbox->denials);
    hf_learnt_free(&sandbox->learnt);
    hf_tally_free(sandbox->tally);
    hf_prepared_free(&sandbox->prepared);
    hf_plan_free(&sandbox->plan);
    free(sandbox->workdir);
    free((char *)(uintptr_t)sandbox->options.workdir);
    free(sandbox);
}
