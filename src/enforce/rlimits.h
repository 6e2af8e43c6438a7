/* The limits of each process (setrlimit(2)): process.limits of the policy, and no core dumps. */
#ifndef HF_ENFORCE_RLIMITS_H
#define HF_ENFORCE_RLIMITS_H

#include "enforce/identity.h"

/* As the caller, before anything is started: whether each limit that the policy asks for can be given, and would hold. */
bool hf_rlimits_check(const struct hf_plan *plan, const struct hf_identity *identity, struct hf_error *error);

/* Sets them on the calling process, which cannot raise them again: the last thing before its exec, since from there on it
 * has no more files or memory than they say. */
bool hf_rlimits_set(const struct hf_plan *plan, struct hf_error *error);

#endif
