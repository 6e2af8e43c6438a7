/* The last steps, in the design's order: no_new_privs, restrict_self, seccomp, exec. Law 7: there is one way out of here that
 * runs the command, and it lies behind every step. */
#include "launch/execute.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "enforce/landlock.h"
#include "enforce/rlimits.h"
#include "enforce/seccomp.h"
#include "launch/channel.h"

static bool set_no_new_privs(struct hf_error *error)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return hf_fail(error, HF_NO_NEW_PRIVS_FAILED, HF_STAGE_NO_NEW_PRIVS, errno, "prctl");
    return true;
}

/* From a filter with a listener on, each call that is watched waits for the answer. The listener goes to the supervisor by
 * init's own channel: init stands still until the exec, which waits for an answer too. */
static bool load_filter(const struct hf_launch *launch, int supervisor, struct hf_error *error)
{
    static const struct hf_message message = {.kind = HF_MESSAGE_WATCHED};
    int listener;

    if (!launch->watch)
        return hf_seccomp_load(launch->plan->mode, error);
    listener = hf_seccomp_listen(launch->plan->mode, &launch->watch->calls, error);
    if (listener < 0)
        return false;
    return hf_channel_send(supervisor, &message, listener) ||
           hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "handing the listener over");
}

static bool confine(const struct hf_launch *launch, int ruleset, int supervisor, struct hf_error *error)
{
    return set_no_new_privs(error) && hf_landlock_enforce(launch->plan, launch->prepared, ruleset, error) &&
           load_filter(launch, supervisor, error);
}

/* SIGCONT throws away a stop that came meanwhile (signal(7)): it would stop this process before its exec, for which the
 * supervisor waits, and who sends it again after that. */
static bool announce(int channel, const struct hf_signals *signals, struct hf_error *error)
{
    static const struct hf_message executing = {.kind = HF_MESSAGE_EXECUTING};

    if (!hf_channel_send(channel, &executing, -1))
        return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "telling of the exec");
    return (raise(SIGCONT) == 0 && hf_signals_restore(signals)) ||
           hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_LAUNCH, errno, "the caller's signals");
}

void hf_execute(const struct hf_launch *launch, int ruleset, int door, int channel, int supervisor,
                const struct hf_signals *signals, struct hf_error *error)
{
    const struct hf_message failed = {.kind = HF_MESSAGE_FAILED, .error = error};

    if (hf_cgroup_join(door, error) && confine(launch, ruleset, supervisor, error) &&
        hf_rlimits_set(launch->plan, error) && announce(channel, signals, error)) {
        execve(launch->command, launch->arguments, environ);
        hf_fail(error, errno == ENOENT ? HF_EXEC_NOT_FOUND : HF_EXEC_FAILED, HF_STAGE_EXEC, errno, "%s",
                launch->command);
    }
    (void)hf_channel_send(channel, &failed, -1);
    _exit(125);
}
