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
#include "launch/descriptors.h"
#include "proxy/proxy.h"

/* What the proxy gets to write the last lines of its log. */
#define FAREWELL_MILLISECONDS 1000

/* A process of the same user must not read or trace the one that may use the network. */
static bool give_up_privileges(const struct hf_launch *launch)
{
    struct hf_error error;

    if (hf_identity_privileged(launch->identity) ? !hf_identity_drop(launch->identity, &error)
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

bool hf_proxy_process_start(const struct hf_launch *launch, int listener, struct hf_inside *inside,
                            struct hf_proxy_process *proxy, struct hf_error *error)
{
    __attribute__((cleanup(free_who))) struct hf_who *who = NULL;
    const int log = launch->watch && launch->watch->proxy_log >= 0 ? launch->watch->proxy_log : launch->log;
    int ends[2];

    if (inside->processes >= 0 && !(who = hf_who_new(inside, launch->policy)))
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "memory for the programs of binaries");
    if (pipe2(ends, O_CLOEXEC) < 0)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "pipe");
    proxy->pid = fork();
    if (proxy->pid == 0) {
        int *const kept[] = {&listener, &ends[0], &inside->sockets, &inside->processes};
        struct hf_error failure;

        /* The log, where there is one, in the place of standard output. */
        if ((log >= 0 && dup2(log, STDOUT_FILENO) < 0) || !hf_descriptors_close_others(kept, 4, &failure) ||
            !hf_descriptors_leave_streams(log >= 0 ? STDIN_FILENO : STDOUT_FILENO) || !give_up_privileges(launch))
            _exit(125);
        raise_descriptor_limit();
        _exit(hf_proxy_serve(listener, ends[0], log >= 0 ? STDOUT_FILENO : -1, launch->tally, launch->policy, who) ? 1 : 0);
    }
    close(ends[0]);
    proxy->stop = ends[1];
    proxy->logs = log >= 0;
    if (proxy->pid > 0)
        return true;
    close(ends[1]);
    proxy->pid = 0;
    return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "fork");
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
