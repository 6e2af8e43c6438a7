/* The command's process, from fork to exec. */
#ifndef HF_LAUNCH_EXECUTE_H
#define HF_LAUNCH_EXECUTE_H

#include "launch/launch.h"
#include "launch/signals.h"

/* Goes into the run's cgroup by `door`, confines the calling process and executes the command; whatever fails is reported over
 * `channel` and ends it. The listener of a run that is watched goes over `supervisor`. `*error` is room for
 * what fails: the caller's, whose memory this is. */
_Noreturn void hf_execute(const struct hf_launch *launch, int ruleset, int door, int channel, int supervisor,
                          const struct hf_signals *signals, struct hf_error *error);

#endif
