/* The sandbox of the runtime's own processes: whoever makes the proxy do what it wants has no file, no program and no other
 * process by that. */
#ifndef HF_LAUNCH_CONFINE_H
#define HF_LAUNCH_CONFINE_H

#include "enforce/own_filter.h"
#include "launch/launch.h"

/* Makes the proxy's Landlock domain; *ruleset is -1 where there is none, in block mode and without Landlock. Before there is any
 * process that could not be looked into: whoever stands between a process and the kernel's Landlock has to read its memory. */
bool hf_confine_prepare(const struct hf_plan *plan, int *ruleset, struct hf_error *error);

/* The calling process gives its privileges up, lets nobody look into it, and enters the domain, unless `ruleset` is -1, and its
 * filter. */
bool hf_confine(enum hf_own_process who, const struct hf_launch *launch, int ruleset, struct hf_error *error);

#endif
