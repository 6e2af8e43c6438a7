/* The child's half of a start. */
#ifndef HF_LAUNCH_CHILD_H
#define HF_LAUNCH_CHILD_H

#include <signal.h>

#include "launch/launch.h"

/* Sets the sandbox up around the calling process and executes the command; whatever fails is reported over `channel` and
 * ends the process. `supervisor` is the parent, whose death is the
 * child's; `mask` is the signal mask that the command gets. */
_Noreturn void hf_child_run(const struct hf_launch *launch, pid_t supervisor, int channel, const sigset_t *mask);

#endif
