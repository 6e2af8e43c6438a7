/* The first process of the sandbox's process namespace. */
#ifndef HF_LAUNCH_INIT_H
#define HF_LAUNCH_INIT_H

#include "launch/launch.h"
#include "launch/signals.h"

/* Sets the sandbox up around the calling process, which is the first of its namespaces, starts the command, and stays until
 * it ends, taking every process of the namespace with it. Whatever fails is reported over `channel` and ends the process;
 * so does the supervisor's death, which closes the other end. `signals` is what the command gets; `*error` is room for
 * what fails, the caller's: memory that a start which succeeds does not touch. */
_Noreturn void hf_init_run(const struct hf_launch *launch, const struct hf_namespaces *namespaces, int channel,
                           const struct hf_signals *signals, struct hf_error *error);

#endif
