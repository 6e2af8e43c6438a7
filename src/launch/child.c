/* From fork to exec, in the design's order: namespaces, privileges, no_new_privs, restrict_self, seccomp, exec. Law 7: there
 * is one way out of here that runs the command, and it lies behind every step. */
#include "launch/child.h"

#include <dirent.h>
#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "enforce/landlock.h"
#include "enforce/network.h"
#include "enforce/seccomp.h"
#include "launch/channel.h"

/* Where the two descriptors that the set-up still needs stand while all others are closed. Both close at exec. */
#define CHANNEL_FD 3
#define RULESET_FD 4

/* If the supervisor dies the command does not outlive it. Credentials that change clear the setting (prctl(2)), hence
 * again after the drop; the parent may be gone already by then. */
static bool die_with_supervisor(pid_t supervisor, struct hf_error *error)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != supervisor)
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "the supervisor is gone");
    return true;
}

/* Programs look for either case; Node needs to be told (NODE_USE_ENV_PROXY, Node.js 24). */
static bool set_proxy_environment(uint16_t port, const char *run_directory)
{
    static const char *const names[] = {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
                                        "http_proxy",  "ALL_PROXY",   "all_proxy"};
    char url[sizeof("http://127.0.0.1:65535")];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u", port);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (setenv(names[i], url, 1) < 0)
            return false;
    return setenv("NODE_USE_ENV_PROXY", "1", 1) == 0 && setenv("HOLDFAST_RUN_DIRECTORY", run_directory, 1) == 0 &&
           unsetenv("NO_PROXY") == 0 && unsetenv("no_proxy") == 0;
}

/* The proxy's socket is born here, inside, and handed to the supervisor, who has it served from outside. */
static bool hand_over_listener(const struct hf_launch *launch, int channel, uint16_t *port, struct hf_error *error)
{
    struct hf_message message = {.kind = HF_MESSAGE_LISTENING};
    hf_autoclose int listener = hf_network_listen(&message.port, error);
    int none;

    if (listener < 0)
        return false;
    *port = message.port;
    if (!hf_channel_send(channel, &message, listener) || hf_channel_receive(channel, &message, &none) != 1 ||
        message.kind != HF_MESSAGE_PROXY_UP)
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, 0, "no answer from the supervisor");
    if (!set_proxy_environment(*port, launch->run_directory))
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "the environment");
    return true;
}

/* For kernels before 5.9, which have no close_range(2). */
static bool close_one_by_one(int first)
{
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;

    if (!directory)
        return false;
    while ((entry = readdir(directory))) {
        const long fd = strtol(entry->d_name, NULL, 10);

        if (fd >= first && fd != dirfd(directory))
            close((int)fd);
    }
    return closedir(directory) == 0;
}

/* Copies a descriptor, unless it is -1, above the fixed numbers, so that filling those overwrites none that is needed. */
static bool move_up(int *fd)
{
    if (*fd < 0)
        return true;
    *fd = fcntl(*fd, F_DUPFD_CLOEXEC, RULESET_FD + 1);
    return *fd >= 0;
}

/* The command gets 0, 1 and 2 and nothing else. Before Landlock, for the slow way needs /proc. */
static bool close_all_but(int *channel, int *ruleset, struct hf_error *error)
{
    int from_channel = *channel, from_ruleset = *ruleset, first;

    if (!move_up(&from_channel) || !move_up(&from_ruleset) || dup3(from_channel, CHANNEL_FD, O_CLOEXEC) < 0 ||
        (from_ruleset >= 0 && dup3(from_ruleset, RULESET_FD, O_CLOEXEC) < 0))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "moving descriptors");
    *channel = CHANNEL_FD;
    if (from_ruleset >= 0)
        *ruleset = RULESET_FD;
    first = *ruleset >= 0 ? RULESET_FD + 1 : CHANNEL_FD + 1;
    if (syscall(SYS_close_range, first, ~0U, 0U) < 0 && !close_one_by_one(first))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "close_range");
    return true;
}

static bool set_no_new_privs(struct hf_error *error)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return hf_fail(error, HF_NO_NEW_PRIVS_FAILED, HF_STAGE_NO_NEW_PRIVS, errno, "prctl");
    return true;
}

static bool enter(const struct hf_launch *launch, int *channel, pid_t supervisor, struct hf_error *error)
{
    const bool privileged = hf_identity_privileged(launch->identity);
    int ruleset = launch->prepared->ruleset;
    uint16_t port = 0;

    return die_with_supervisor(supervisor, error) && hf_network_enter(privileged, error) &&
           (launch->plan->mode == HF_MODE_BLOCK || hand_over_listener(launch, *channel, &port, error)) &&
           close_all_but(channel, &ruleset, error) && hf_identity_drop(launch->identity, error) &&
           die_with_supervisor(supervisor, error) && set_no_new_privs(error) &&
           hf_landlock_enforce(launch->plan, ruleset, port, error) && hf_seccomp_load(launch->plan->mode, error);
}

static void report_failure(int channel, const struct hf_error *error)
{
    const struct hf_message message = {.kind = HF_MESSAGE_FAILED, .error = *error};

    (void)hf_channel_send(channel, &message, -1);
}

void hf_child_run(const struct hf_launch *launch, pid_t supervisor, int channel, const sigset_t *mask)
{
    const struct hf_message executing = {.kind = HF_MESSAGE_EXECUTING};
    struct hf_error error;

    if (!enter(launch, &channel, supervisor, &error)) {
        report_failure(channel, &error);
        _exit(125);
    }
    if (!hf_channel_send(channel, &executing, -1) || sigprocmask(SIG_SETMASK, mask, NULL) < 0)
        _exit(125);
    execve(launch->command, launch->arguments, environ);
    hf_fail(&error, errno == ENOENT ? HF_EXEC_NOT_FOUND : HF_EXEC_FAILED, HF_STAGE_EXEC, errno, "%s", launch->command);
    report_failure(channel, &error);
    _exit(125);
}
