/* The supervisor: forks the child, starts the proxy on the socket that the child hands over, then forwards signals, keeps
 * the time limit, reaps, and leaves nothing behind. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "launch/channel.h"
#include "launch/child.h"
#include "launch/launch.h"
#include "launch/leftovers.h"
#include "launch/proxy_process.h"

/* After a time limit: from SIGTERM to SIGKILL. */
#define GRACE_MILLISECONDS 2000

struct supervisor {
    const struct hf_launch *launch;
    pid_t child;
    int signals; /* a signalfd */
    struct hf_proxy_process proxy;
};

static const int forwarded[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2};

static sigset_t watched_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
        sigaddset(&set, forwarded[i]);
    return set;
}

static long now_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool start_proxy(struct supervisor *self, int channel, int listener, uint16_t port, struct hf_error *error)
{
    const struct hf_message up = {.kind = HF_MESSAGE_PROXY_UP};

    if (!hf_run_directory_write_proxy(self->launch->run_directory, port, error) ||
        !hf_proxy_process_start(self->launch, listener, &self->proxy, error))
        return false;
    return hf_channel_send(channel, &up, -1) ||
           hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_PROXY, errno, "the child is gone");
}

/* Follows the child's start to its end. The last message before the channel closes decides: only "executing" and then
 * nothing means that the command runs. */
static bool follow_start(struct supervisor *self, int channel, struct hf_error *error)
{
    bool executing = false;

    for (;;) {
        struct hf_message message;
        hf_autoclose int fd = -1;
        const int got = hf_channel_receive(channel, &message, &fd);

        if (got == 0 && executing)
            return true;
        if (got <= 0)
            return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, got < 0 ? errno : 0,
                           "the child ended while the sandbox was being set up");
        switch (message.kind) {
        case HF_MESSAGE_LISTENING:
            if (!start_proxy(self, channel, fd, message.port, error))
                return false;
            break;
        case HF_MESSAGE_EXECUTING:
            executing = true;
            break;
        case HF_MESSAGE_FAILED:
        case HF_MESSAGE_PROXY_UP:
            *error = message.error;
            return false;
        }
    }
}

/* What the terminal sends goes to the whole foreground group, the command included, and is not sent twice. */
static void forward(const struct supervisor *self, const struct signalfd_siginfo *info)
{
    if (info->ssi_code != SI_KERNEL)
        kill(self->child, (int)info->ssi_signo);
}

/* Reaps whatever has ended; true when the command is among it. */
static bool reap(struct supervisor *self, int *status)
{
    bool ended = false;
    int of;

    for (pid_t pid; (pid = waitpid(-1, &of, WNOHANG)) > 0;) {
        if (pid == self->child) {
            *status = of;
            ended = true;
        } else if (pid == self->proxy.pid) {
            close(self->proxy.stop);
            self->proxy.pid = 0;
            fputs("holdfast: warning: the proxy ended; the command has no network any more\n", stderr);
        }
    }
    return ended;
}

/* Waits for the command. Returns its wait status; *timed_out when the time limit ended it. */
static int wait_for_command(struct supervisor *self, bool *timed_out)
{
    const long limit = self->launch->timeout * 1000L;
    long deadline = limit ? now_milliseconds() + limit : -1;
    int status = 0;

    for (;;) {
        struct pollfd readable = {.fd = self->signals, .events = POLLIN};
        struct signalfd_siginfo info;
        const long left = deadline < 0 ? -1 : deadline - now_milliseconds();

        if (deadline >= 0 && left <= 0) {
            kill(self->child, *timed_out ? SIGKILL : SIGTERM);
            deadline = *timed_out ? -1 : now_milliseconds() + GRACE_MILLISECONDS;
            *timed_out = true;
            continue;
        }
        if (poll(&readable, 1, (int)(left > 1000 * 1000 ? 1000 * 1000 : left)) <= 0 ||
            read(self->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
            continue;
        if (info.ssi_signo != SIGCHLD)
            forward(self, &info);
        else if (reap(self, &status))
            return status;
    }
}

static struct hf_exit describe(int status, bool timed_out)
{
    if (timed_out)
        return (struct hf_exit){HF_EXIT_TIMEOUT, WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)};
    if (WIFSIGNALED(status))
        return (struct hf_exit){HF_EXIT_SIGNALED, WTERMSIG(status)};
    return (struct hf_exit){HF_EXIT_EXITED, WEXITSTATUS(status)};
}

static bool fork_child(struct supervisor *self, const sigset_t *mask, int *channel, struct hf_error *error)
{
    const pid_t supervisor = getpid();
    int ends[2];

    if (!hf_channel_open(ends))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "socketpair");
    self->child = fork();
    if (self->child == 0)
        hf_child_run(self->launch, supervisor, ends[1], mask);
    close(ends[1]);
    *channel = ends[0];
    if (self->child < 0)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "fork");
    /* The child is dumpable until its exec, for it must write its own id maps; from here on this process is not, so that
     * a command of the same user cannot trace or read it (ptrace(2)). */
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "prctl(PR_SET_DUMPABLE)");
    return true;
}

static bool supervise(struct supervisor *self, const sigset_t *mask, struct hf_exit *ended, struct hf_error *error)
{
    hf_autoclose int channel = -1;
    bool timed_out = false;
    int status;

    if (!fork_child(self, mask, &channel, error) || !follow_start(self, channel, error))
        return false;
    status = wait_for_command(self, &timed_out);
    *ended = describe(status, timed_out);
    return true;
}

bool hf_launch(const struct hf_launch *launch, struct hf_exit *ended, struct hf_error *error)
{
    struct supervisor self = {.launch = launch, .proxy = {.stop = -1}};
    const sigset_t watched = watched_signals();
    sigset_t mask;
    bool started;

    *ended = (struct hf_exit){HF_EXIT_NONE, 0};
    if (sigprocmask(SIG_BLOCK, &watched, &mask) < 0 || !hf_leftovers_adopt())
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "signals");
    self.signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (self.signals < 0)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "signalfd");
    started = supervise(&self, &mask, ended, error);
    if (!started && self.child > 0)
        kill(self.child, SIGKILL);
    hf_proxy_process_stop(&self.proxy);
    hf_leftovers_kill();
    close(self.signals);
    return started;
}
