/* Forking the proxy: in the supervisor's network namespace, as the command's user, with no capability. */
#include "launch/proxy_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "enforce/capabilities.h"
#include "launch/channel.h"
#include "launch/descriptors.h"
#include "launch/terminate.h"
#include "proxy/proxy.h"

/* What the proxy gets to write the last lines of its log. */
#define FAREWELL_MILLISECONDS 1000

/* Who is to be somebody else was found to have what that takes: not asked again, it cannot be denied. A process of the same
 * user must not read or trace the one that may use the network. */
static bool give_up_privileges(const struct hf_launch *launch)
{
    struct hf_error error;

    if (launch->identity->change || hf_identity_privileged(launch->identity) ? !hf_identity_drop(launch->identity, &error)
                                                                             : !hf_capabilities_drop_sets(&error))
        return false;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
           prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

/* Two descriptors a tunnel: what the caller's soft limit is, is not what the proxy may need. Best effort, for the proxy
 * takes what the limit allows. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void free_who(struct hf_who **who)
{
    hf_who_free(*who);
}

/* What the proxy's process is made of. */
struct parts {
    const struct hf_launch *launch;
    struct hf_inside *inside;
    struct hf_who *who;
    int listener, stop;
    int log;
    int channel; /* to the supervisor, who waits for a word; -1: it does not */
};

/* As the caller, whose files these are. The supervisor waits for the outcome. */
static bool prepare_tls(const struct parts *parts, struct hf_terminator *terminator)
{
    struct hf_error error;
    struct hf_message word = {.kind = HF_MESSAGE_PROXY_UP, .error = &error};

    if (parts->channel < 0)
        return true;
    if (!hf_terminate_prepare(parts->launch->policy, parts->launch->run_directory, terminator, &error))
        word.kind = HF_MESSAGE_FAILED;
    return hf_channel_send(parts->channel, &word, -1) && word.kind == HF_MESSAGE_PROXY_UP;
}

static _Noreturn void be_proxy(struct parts *parts)
{
    int *const kept[] = {&parts->listener, &parts->stop, &parts->inside->sockets, &parts->inside->processes};
    const bool logs = parts->log >= 0;
    struct hf_terminator terminator = {NULL, NULL};
    struct hf_error failure;

    /* The log, where there is one, in the place of standard output. */
    if (!prepare_tls(parts, &terminator) || (logs && dup2(parts->log, STDOUT_FILENO) < 0) ||
        !hf_descriptors_close_others(kept, sizeof(kept) / sizeof(kept[0]), &failure) ||
        !hf_descriptors_leave_streams(logs ? STDIN_FILENO : STDOUT_FILENO) || !give_up_privileges(parts->launch))
        _exit(125);
    raise_descriptor_limit();
    _exit(hf_proxy_serve(parts->listener, parts->stop, logs ? STDOUT_FILENO : -1, parts->launch->log_format,
                         parts->launch->tally, parts->launch->policy, parts->who,
                         terminator.world ? &terminator : NULL) ? 1 : 0);
}

static bool hear(int channel, struct hf_error *error)
{
    struct hf_message word = {.error = error};
    hf_autoclose int none = -1;
    const int got = hf_channel_receive(channel, &word, &none);

    if (got <= 0)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, got < 0 ? errno : 0, "the proxy ended");
    return word.kind == HF_MESSAGE_PROXY_UP;
}

bool hf_proxy_process_start(const struct hf_launch *launch, int listener, struct hf_inside *inside,
                            struct hf_proxy_process *proxy, struct hf_error *error)
{
    const bool terminates = hf_policy_terminates(launch->policy);
    __attribute__((cleanup(free_who))) struct hf_who *who = NULL;
    hf_autoclose int near = -1, far = -1;
    int ends[2], channel[2];

    if (inside->processes >= 0 && !(who = hf_who_new(inside, launch->policy)))
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "memory for the programs of binaries");
    if (terminates) {
        if (!hf_channel_open(channel))
            return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "socketpair");
        near = channel[0];
        far = channel[1];
    }
    if (pipe2(ends, O_CLOEXEC) < 0)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "pipe");
    proxy->pid = fork();
    if (proxy->pid == 0)
        be_proxy(&(struct parts){.launch = launch,
                                 .inside = inside,
                                 .who = who,
                                 .listener = listener,
                                 .stop = ends[0],
                                 .log = launch->watch && launch->watch->proxy_log >= 0 ? launch->watch->proxy_log
                                                                                       : launch->log,
                                 .channel = far});
    close(ends[0]);
    proxy->stop = ends[1];
    proxy->logs = (launch->watch && launch->watch->proxy_log >= 0) || launch->log >= 0;
    if (proxy->pid < 0) {
        close(ends[1]);
        proxy->pid = 0;
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "fork");
    }
    if (!terminates)
        return true;
    close(hf_steal(far, -1)); /* so that its end is the proxy's */
    return hear(near, error);
}

bool hf_proxy_process_ended(struct hf_proxy_process *proxy)
{
    if (!proxy->pid || waitpid(proxy->pid, NULL, WNOHANG) != proxy->pid)
        return false;
    close(proxy->stop);
    proxy->pid = 0;
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
    if (!proxy->pid)
        return;
    close(proxy->stop);
    if (proxy->logs)
        wait_for_end(proxy->pid);
    kill(proxy->pid, SIGKILL);
    waitpid(proxy->pid, NULL, 0);
    proxy->pid = 0;
}
