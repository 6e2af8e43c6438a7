/* The supervisor: starts the sandbox's init, and the proxy on the socket that is handed over from inside, then passes signals
 * on, keeps the time limit, and leaves nothing behind. */
#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "enforce/executable.h"
#include "launch/channel.h"
#include "launch/confine.h"
#include "launch/descriptors.h"
#include "launch/init.h"
#include "launch/launch.h"
#include "launch/proxy_process.h"
#include "launch/terminal.h"

/* After a time limit: from SIGTERM to SIGKILL. */
#define GRACE_MILLISECONDS 2000

struct supervisor {
    const struct hf_launch *launch;
    pid_t init;  /* 0: none */
    int channel; /* to init */
    int signals; /* a signalfd */
    bool may_stop;
    struct hf_proxy_process proxy;
    struct hf_inside inside;
    int ruleset; /* the proxy's own, or -1 */
};

static long now_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool write_proxy_file(const char *directory, uint16_t port, struct hf_error *error)
{
    char text[128];
    const int length = snprintf(text, sizeof(text), "HTTPS_PROXY=http://127.0.0.1:%u\nHTTP_PROXY=http://127.0.0.1:%u\n",
                                port, port);

    return hf_run_directory_write(directory, HF_PROXY_FILE, &(struct hf_span){text, (size_t)length}, 1, error);
}

static bool start_proxy(struct supervisor *self, int listener, uint16_t port, struct hf_error *error)
{
    const struct hf_message up = {.kind = HF_MESSAGE_PROXY_UP};

    if (!write_proxy_file(self->launch->run_directory, port, error) ||
        !hf_proxy_process_start(self->launch, listener, &self->inside, self->ruleset, &self->proxy, error))
        return false;
    hf_inside_close(&self->inside);
    if (!hf_channel_send(self->channel, &up, -1))
        (void)shutdown(self->channel, SHUT_WR); /* init has said why it is gone, or says that it waits in vain */
    return true;
}

/* Follows the start to its end. */
static bool follow_start(struct supervisor *self, struct hf_error *error)
{
    for (;;) {
        struct hf_message message = {.error = error};
        hf_autoclose int fd = -1;
        const int got = hf_channel_receive(self->channel, &message, &fd);

        if (got <= 0)
            return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, got < 0 ? errno : 0,
                           "the sandbox's init ended while the sandbox was being set up");
        switch (message.kind) {
        case HF_MESSAGE_SOCKETS:
            self->inside.sockets = hf_steal(fd, -1);
            break;
        case HF_MESSAGE_PROCESSES:
            self->inside.processes = hf_steal(fd, -1);
            break;
        case HF_MESSAGE_LISTENING:
            if (!start_proxy(self, fd, message.port, error))
                return false;
            break;
        case HF_MESSAGE_WATCHED:
            if (!self->launch->watch->listen(self->launch->watch, hf_steal(fd, -1)))
                return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "the observer's thread");
            break;
        case HF_MESSAGE_STARTED:
            return true;
        default:
            return false;
        }
    }
}

static void send_signal(const struct supervisor *self, int number)
{
    const struct hf_message message = {.kind = HF_MESSAGE_SIGNAL, .number = number};

    (void)hf_channel_send(self->channel, &message, -1);
}

static void tell(const char *warning, FILE *stream)
{
    if (stream)
        fprintf(stream, "holdfast: warning: %s\n", warning);
}

/* False where none is waiting. What the terminal sends goes to the whole foreground group, the command included, and is not
 * sent twice; but what came while the command was being started may have reached nobody, and is sent on whoever sent it. */
static bool take_signal(struct supervisor *self, bool starting)
{
    struct signalfd_siginfo info;

    if (read(self->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return false;
    if (info.ssi_signo != SIGCHLD) {
        if (starting || info.ssi_code != SI_KERNEL)
            send_signal(self, (int)info.ssi_signo);
    } else if (hf_proxy_process_ended(&self->proxy)) {
        tell("the proxy ended; the command has no network any more", self->launch->warnings);
    }
    return true;
}

/* The command was stopped, by Ctrl-Z or itself: so is this process, for the shell that waits for it, and then both go on.
 * Only at a terminal, where a person can continue it, and not under a time limit, which would not be kept; nor for an owner,
 * who stops or does not. */
static void stop_too(const struct supervisor *self)
{
    if (!self->may_stop)
        return;
    raise(SIGSTOP);
    send_signal(self, SIGCONT);
}

/* True when the command has ended; *status is its wait status. An init that ends without a word was killed. */
static bool take_message(const struct supervisor *self, int *status)
{
    struct hf_message message = {.error = NULL};
    hf_autoclose int none = -1;

    if (hf_channel_receive(self->channel, &message, &none) != 1)
        return true;
    if (message.kind == HF_MESSAGE_STOPPED)
        stop_too(self);
    if (message.kind == HF_MESSAGE_ENDED)
        *status = message.number;
    return message.kind == HF_MESSAGE_ENDED;
}

/* Waits for the command. Returns its wait status; *timed_out when the time limit ended it. */
static int wait_for_command(struct supervisor *self, bool *timed_out)
{
    const long limit = self->launch->timeout * 1000L;
    long deadline = limit ? now_milliseconds() + limit : -1;
    int status = SIGKILL;

    for (;;) {
        struct pollfd readable[] = {{.fd = self->channel, .events = POLLIN},
                                    {.fd = self->signals, .events = POLLIN},
                                    {.fd = self->launch->owner, .events = POLLIN}};
        const long left = deadline < 0 ? -1 : deadline - now_milliseconds();

        if (deadline >= 0 && left <= 0) {
            if (*timed_out)
                kill(self->init, SIGKILL);
            else
                send_signal(self, SIGTERM);
            deadline = *timed_out ? -1 : now_milliseconds() + GRACE_MILLISECONDS;
            *timed_out = true;
            continue;
        }
        if (poll(readable, sizeof(readable) / sizeof(readable[0]), left > INT_MAX ? INT_MAX : (int)left) <= 0)
            continue;
        if (readable[1].revents)
            take_signal(self, false);
        if (readable[0].revents && take_message(self, &status))
            return status;
        if (readable[2].revents)
            return SIGKILL;
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

static bool fork_init(struct supervisor *self, const struct hf_signals *signals, struct hf_error *error)
{
    const struct hf_namespaces namespaces =
        hf_namespaces_of_caller(hf_identity_privileged(self->launch->identity));
    const int dumpable = prctl(PR_GET_DUMPABLE);
    int ends[2];

    /* A command of the same user could trace and read a process that is dumpable (ptrace(2)). Before there is one that could
     * run: a failure after the fork might come when the command has been executed. */
    if (dumpable < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "prctl(PR_SET_DUMPABLE)");
    if (!hf_channel_open(ends))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "socketpair");
    self->init = hf_namespaces_fork(&namespaces, error);
    if (self->init == 0) {
        /* Its end of the channel must be the only one: the other's end is the supervisor's. */
        close(ends[0]);
        /* Only who is dumpable owns the files in its /proc directory, the id maps among them (proc(5)). */
        (void)prctl(PR_SET_DUMPABLE, dumpable);
        hf_init_run(self->launch, &namespaces, ends[1], signals, error);
    }
    close(ends[1]);
    self->channel = ends[0];
    if (self->init < 0) {
        self->init = 0;
        return false;
    }
    return true;
}

/* The end of init is the end of every process in its namespace. */
static void end_init(struct supervisor *self)
{
    if (!self->init)
        return;
    kill(self->init, SIGKILL);
    (void)TEMP_FAILURE_RETRY(waitpid(self->init, NULL, 0));
}

static bool supervise(struct supervisor *self, const struct hf_signals *signals, struct hf_exit *ended,
                      struct hf_error *error)
{
    const struct hf_message executed = {.kind = HF_MESSAGE_STARTED};
    bool timed_out = false;
    int status;

    if (!hf_descriptors_check_streams(error) || !hf_confine_prepare(self->launch->plan, &self->ruleset, error) ||
        !fork_init(self, signals, error) || !follow_start(self, error))
        return false;
    if (self->launch->owner >= 0)
        (void)hf_channel_send(self->launch->owner, &executed, -1); /* one who is gone is seen below */
    /* Without /dev/null a reader waits longer for the end of its pipe, and no more than that. */
    (void)hf_descriptors_leave_streams(STDOUT_FILENO);
    while (take_signal(self, true))
        ;
    status = wait_for_command(self, &timed_out);
    *ended = describe(status, timed_out);
    return true;
}

bool hf_launch(const struct hf_launch *launch, struct hf_exit *ended, struct hf_error *error)
{
    struct supervisor self = {.launch = launch,
                              .channel = -1,
                              .may_stop = !launch->timeout && launch->owner < 0 && hf_terminal_is_there(),
                              .proxy = {.stop = -1},
                              .inside = {-1, -1},
                              .ruleset = -1};
    struct hf_signals signals;
    bool started;

    *ended = (struct hf_exit){HF_EXIT_NONE, 0};
    self.signals = hf_signals_watch(&signals);
    if (self.signals < 0)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "signals");
    started = supervise(&self, &signals, ended, error);
    if (!started && error->stage == HF_STAGE_EXEC)
        hf_executable_explain(launch->command, launch->identity, error);
    end_init(&self);
    hf_proxy_process_stop(&self.proxy);
    hf_inside_close(&self.inside);
    if (self.ruleset >= 0)
        close(self.ruleset);
    if (self.channel >= 0)
        close(self.channel);
    close(self.signals);
    return started;
}
