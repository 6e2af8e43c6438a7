/* The sandbox's init. It starts the command, reaps what loses its parent, tells the supervisor how the command is and
 * passes signals on. When it ends the kernel kills whatever is left in the namespace (pid_namespaces(7)), which is why
 * nothing outlives a run: it ends with the command, when told to, and when the supervisor is gone, however that came.
 *
 * It stands outside of the command's Landlock domain, without privileges: the command can neither trace nor signal it. */
#include "launch/init.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "enforce/network.h"
#include "launch/channel.h"
#include "launch/descriptors.h"
#include "launch/execute.h"
#include "launch/proxy_environment.h"

struct init {
    const struct hf_launch *launch;
    int channel;
    int ruleset;
    int door; /* to the run's cgroup, or -1 */
    pid_t command;
};

/* The supervisor's death is this process's, by signal and by the channel's end: the setting came too late for one who died
 * before it, and is cleared when credentials change (prctl(2)). */
static bool die_with_supervisor(int channel, struct hf_error *error)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "prctl(PR_SET_PDEATHSIG)");
    return !hf_channel_ended(channel) ||
           hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, 0, "the supervisor is gone");
}

/* What the proxy looks at programs by is opened here, inside, too. */
static bool hand_over_inside(const struct init *self, struct hf_error *error)
{
    struct hf_message message = {.kind = HF_MESSAGE_SOCKETS};
    struct hf_inside inside;
    bool sent;

    if (!hf_inside_open(&inside, error))
        return false;
    sent = hf_channel_send(self->channel, &message, inside.sockets);
    message.kind = HF_MESSAGE_PROCESSES;
    return (sent && hf_channel_send(self->channel, &message, inside.processes)) ||
           hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "no answer from the supervisor");
}

/* Who asks is to be known where it decides, and where it is told. */
static bool asks_who(const struct hf_launch *launch)
{
    return hf_policy_names_programs(launch->policy) || launch->log >= 0;
}

/* The proxy's socket is born here, inside, and handed to the supervisor, who has it served from outside. */
static bool hand_over_listener(struct init *self, struct hf_error *error)
{
    struct hf_message message = {.kind = HF_MESSAGE_LISTENING};
    hf_autoclose int listener = hf_network_listen(&message.port, error);
    uint16_t port;
    int none;

    if (listener < 0 || (asks_who(self->launch) && !hand_over_inside(self, error)))
        return false;
    port = message.port;
    if (!hf_channel_send(self->channel, &message, listener) || hf_channel_receive(self->channel, &message, &none) != 1)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, 0, "no answer from the supervisor");
    return hf_proxy_environment_set(port, self->launch->run_directory,
                                    hf_policy_terminates(self->launch->policy)) ||
           hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "the environment");
}

/* A command of the same user could read and trace a process that is dumpable (ptrace(2)). */
static bool hide(struct hf_error *error)
{
    return prctl(PR_SET_DUMPABLE, 0) == 0 ||
           hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "prctl(PR_SET_DUMPABLE)");
}

static bool enter(struct init *self, const struct hf_namespaces *namespaces, struct hf_error *error)
{
    const struct hf_launch *launch = self->launch;

    return die_with_supervisor(self->channel, error) && hf_namespaces_enter(namespaces, error) &&
           hf_network_bring_up(error) && (launch->plan->mode == HF_MODE_BLOCK || hand_over_listener(self, error)) &&
           hf_descriptors_close_others((int *[]){&self->channel, &self->ruleset}, 2, error) &&
           hf_cgroup_enter(launch->cgroup, &self->door, error) &&
           hf_identity_drop(launch->identity, error) && die_with_supervisor(self->channel, error) && hide(error);
}

/* Follows the command to its exec. "Executing" and then nothing is the only sign that it was executed. */
static bool follow_command(int ends, struct hf_error *error)
{
    bool executing = false;

    for (;;) {
        struct hf_message message = {.error = error};
        hf_autoclose int none = -1;
        const int got = hf_channel_receive(ends, &message, &none);

        if (got == 0 && executing)
            return true;
        if (got <= 0)
            return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, got < 0 ? errno : 0,
                           "the command's process ended while it was being set up");
        if (message.kind == HF_MESSAGE_FAILED)
            return false;
        executing = message.kind == HF_MESSAGE_EXECUTING;
    }
}

static bool start_command(struct init *self, const struct hf_signals *signals, struct hf_error *error)
{
    int ends[2];
    bool started;

    if (!hf_channel_open(ends))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "socketpair");
    /* Its memory is this process's until its exec, for which this process waits: none of it is copied, and hf_execute
     * leaves nothing of it changed but its own stack, errno and *error. */
    self->command = vfork();
    if (self->command == 0)
        hf_execute(self->launch, self->ruleset, self->door, ends[1], self->channel, signals, error);
    close(ends[1]);
    started = self->command < 0 ? hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "fork")
                                : follow_command(ends[0], error);
    close(ends[0]);
    return started;
}

/* True when the supervisor is told something that ends this process. */
static bool reap(const struct init *self)
{
    int status;

    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;) {
        struct hf_message message = {.kind = HF_MESSAGE_ENDED, .number = status};

        if (pid != self->command)
            continue;
        if (WIFSTOPPED(status))
            message.kind = HF_MESSAGE_STOPPED;
        if (!hf_channel_send(self->channel, &message, -1) || message.kind == HF_MESSAGE_ENDED)
            return true;
    }
    return false;
}

/* True when the supervisor is gone. */
static bool obey(const struct init *self)
{
    struct hf_message message = {.error = NULL};
    hf_autoclose int none = -1;

    if (hf_channel_receive(self->channel, &message, &none) != 1)
        return true;
    if (message.kind == HF_MESSAGE_SIGNAL)
        kill(self->command, message.number);
    return false;
}

static void serve(const struct init *self, int children)
{
    struct pollfd wanted[] = {{.fd = self->channel, .events = POLLIN}, {.fd = children, .events = POLLIN}};

    for (;;) {
        struct signalfd_siginfo info;

        if (poll(wanted, sizeof(wanted) / sizeof(wanted[0]), -1) < 0)
            continue;
        if (wanted[0].revents && obey(self))
            return;
        if (wanted[1].revents && read(children, &info, sizeof(info)) == (ssize_t)sizeof(info) && reap(self))
            return;
    }
}

/* A descriptor that is readable when a child has ended or stopped. */
static int watch_children(struct hf_error *error)
{
    sigset_t child;
    int fd;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "signalfd");
    return fd;
}

/* Whether or not somebody reads it, the command is started. */
static void give_notice(const char *notice)
{
    for (size_t left = notice ? strlen(notice) : 0; left;) {
        const ssize_t written = TEMP_FAILURE_RETRY(write(STDERR_FILENO, notice, left));

        if (written < 0)
            return;
        notice += written;
        left -= (size_t)written;
    }
}

static bool set_up(struct init *self, const struct hf_namespaces *namespaces, int *children, struct hf_error *error)
{
    if (!hf_signals_block_all())
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "blocking signals");
    if (!enter(self, namespaces, error) || (*children = watch_children(error)) < 0)
        return false;
    give_notice(self->launch->notice);
    return true;
}

void hf_init_run(const struct hf_launch *launch, const struct hf_namespaces *namespaces, int channel,
                 const struct hf_signals *signals, struct hf_error *error)
{
    struct init self = {.launch = launch, .channel = channel, .ruleset = launch->prepared->ruleset};
    struct hf_message message = {.kind = HF_MESSAGE_STARTED, .error = error};
    int children = -1;

    if (!set_up(&self, namespaces, &children, error) || !start_command(&self, signals, error))
        message.kind = HF_MESSAGE_FAILED;
    if (hf_channel_send(self.channel, &message, -1) && message.kind == HF_MESSAGE_STARTED) {
        (void)hf_descriptors_leave_streams(STDERR_FILENO);
        serve(&self, children);
    }
    _exit(0);
}
