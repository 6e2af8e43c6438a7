/* Forking the proxy: in the supervisor's network namespace, as the command's user, in a sandbox of its own (confine.c). */
#include "launch/proxy_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "control/socket.h"
#include "launch/channel.h"
#include "launch/confine.h"
#include "launch/descriptors.h"
#include "launch/porter.h"
#include "launch/terminate.h"
#include "proxy/proxy.h"

/* What the proxy gets to write the last lines of its log. */
#define FAREWELL_MILLISECONDS 1000

static void free_who(struct hf_who **who)
{
    hf_who_free(*who);
}

/* What the proxy's process is made of. */
struct parts {
    const struct hf_launch *launch;
    struct hf_who *who; /* or NULL */
    int listener, stop;
    int control; /* or -1 */
    uid_t owner; /* who started the run, whoever the command runs as */
    int door;    /* to the porter, or -1 */
    int ruleset; /* of its own, or -1 */
    int channel; /* to the supervisor, who waits for a word */
    int log;     /* or -1 */
};

/* TLS comes first, as the caller: its files are the caller's. */
static bool prepare(struct parts *parts, struct hf_terminator *terminator, struct hf_error *error)
{
    int *const kept[] = {&parts->listener, &parts->stop, &parts->control, &parts->door, &parts->ruleset, &parts->channel};
    const bool logs = parts->log >= 0;

    if (hf_policy_terminates(parts->launch->policy) &&
        !hf_terminate_prepare(parts->launch->policy, parts->launch->run_directory, terminator, error))
        return false;
    /* The log, where there is one, in the place of standard output. */
    if (logs && dup2(parts->log, STDOUT_FILENO) < 0)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "the log");
    if (!hf_descriptors_close_others(kept, sizeof(kept) / sizeof(kept[0]), error))
        return false;
    if (!hf_descriptors_leave_streams(logs ? STDIN_FILENO : STDOUT_FILENO))
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "/dev/null");
    return hf_confine(HF_OWN_PROXY, parts->launch, parts->ruleset, error);
}

static _Noreturn void be_proxy(struct parts *parts)
{
    struct hf_terminator terminator = {NULL, NULL};
    struct hf_error error;
    struct hf_message word = {.kind = HF_MESSAGE_PROXY_UP, .error = &error};

    if (!prepare(parts, &terminator, &error))
        word.kind = HF_MESSAGE_FAILED;
    if (!hf_channel_send(parts->channel, &word, -1) || close(parts->channel) < 0 || word.kind == HF_MESSAGE_FAILED)
        _exit(125);
    if (parts->who)
        hf_who_ask_at(parts->who, parts->door);
    _exit(hf_proxy_serve(&(struct hf_proxy){.listener = parts->listener,
                                            .stop = parts->stop,
                                            .log = parts->log >= 0 ? STDOUT_FILENO : -1,
                                            .format = parts->launch->log_format,
                                            .control = parts->control,
                                            .owner = parts->owner,
                                            .tally = parts->launch->tally,
                                            .policy = parts->launch->policy,
                                            .who = parts->who,
                                            .terminator = terminator.world ? &terminator : NULL}) ? 1 : 0);
}

/* As the supervisor, by whom who asks knows the run. One that has none is held to its policy all the same. */
static int listen_for_control(const struct hf_launch *launch)
{
    const int control = hf_control_listen();

    if (control < 0 && launch->warnings)
        fprintf(launch->warnings, "holdfast: warning: holdfast update and top cannot reach this run (%s)\n",
                hf_errno_name(errno));
    return control;
}

/* Waits until the proxy or the porter is confined. */
static bool hear(int channel, const char *who, struct hf_error *error)
{
    struct hf_message word = {.error = error};
    hf_autoclose int none = -1;
    const int got = hf_channel_receive(channel, &word, &none);

    if (got <= 0)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, got < 0 ? errno : 0, "the %s ended", who);
    return word.kind == HF_MESSAGE_PROXY_UP;
}

static bool fork_proxy(struct parts *parts, struct hf_proxy_process *proxy, struct hf_error *error)
{
    int stop[2], channel[2];

    if (pipe2(stop, O_CLOEXEC) < 0)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "pipe");
    if (!hf_channel_open(channel)) {
        hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "socketpair");
        close(stop[0]);
        close(stop[1]);
        return false;
    }
    parts->stop = stop[0];
    parts->channel = channel[1];
    proxy->stop = stop[1];
    proxy->pid = fork();
    if (proxy->pid == 0)
        be_proxy(parts);
    close(stop[0]);
    close(channel[1]);
    if (proxy->pid > 0 && hear(channel[0], "proxy", error)) {
        close(channel[0]);
        return true;
    }
    if (proxy->pid < 0) {
        hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "fork");
        proxy->pid = 0;
        close(stop[1]);
    }
    close(channel[0]);
    return false;
}

bool hf_proxy_process_start(const struct hf_launch *launch, int listener, struct hf_inside *inside, int ruleset,
                            struct hf_proxy_process *proxy, struct hf_error *error)
{
    __attribute__((cleanup(free_who))) struct hf_who *who = NULL;
    const int log = launch->watch && launch->watch->proxy_log >= 0 ? launch->watch->proxy_log : launch->log;
    struct parts parts = {
        .launch = launch, .owner = geteuid(), .listener = listener, .door = -1, .ruleset = ruleset, .log = log};
    hf_autoclose int door = -1, control = -1;

    if (inside->processes >= 0) {
        pid_t porter;

        if (!(who = hf_who_new(inside, launch->policy)))
            return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "memory for the programs of binaries");
        porter = hf_porter_start(launch, inside, who, &door, error);
        if (porter < 0)
            return false;
        proxy->porter = porter;
    }
    control = listen_for_control(launch);
    parts.who = who;
    parts.door = door;
    parts.control = control;
    proxy->logs = log >= 0;
    return fork_proxy(&parts, proxy, error) && (door < 0 || hear(door, "porter", error));
}

static void end(pid_t *pid)
{
    if (!*pid)
        return;
    kill(*pid, SIGKILL);
    waitpid(*pid, NULL, 0);
    *pid = 0;
}

static bool has_ended(pid_t *pid)
{
    if (!*pid || waitpid(*pid, NULL, WNOHANG) != *pid)
        return false;
    *pid = 0;
    return true;
}

/* Without the one the other is of no use: nobody is let out of whom it cannot be told who it is. */
bool hf_proxy_process_ended(struct hf_proxy_process *proxy)
{
    const bool proxy_ended = has_ended(&proxy->pid), porter_ended = has_ended(&proxy->porter);

    if (!proxy_ended && !porter_ended)
        return false;
    close(proxy->stop);
    end(&proxy->pid);
    end(&proxy->porter);
    return true;
}

/* So that its log has the ends of the connections that were open. */
static void wait_for_end(pid_t pid)
{
    hf_autoclose int process = (int)syscall(SYS_pidfd_open, pid, 0U);
    struct pollfd ended = {.fd = process, .events = POLLIN};

    if (process >= 0)
        (void)poll(&ended, 1, FAREWELL_MILLISECONDS);
}

void hf_proxy_process_stop(struct hf_proxy_process *proxy)
{
    if (proxy->pid)
        close(proxy->stop);
    if (proxy->pid && proxy->logs)
        wait_for_end(proxy->pid);
    end(&proxy->pid);
    end(&proxy->porter);
}
