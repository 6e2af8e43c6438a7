/* The seccomp filter. */
#ifndef HF_ENFORCE_SECCOMP_H
#define HF_ENFORCE_SECCOMP_H

#include "enforce/filter.h"
#include "plan/plan.h"

/* Writes the filter of a mode. False where it is longer than there is room for. */
bool hf_seccomp_filter(enum hf_mode mode, struct hf_filter *filter);

/* Loads the filter on the calling thread, which has no_new_privs. */
bool hf_seccomp_load(enum hf_mode mode, struct hf_error *error);

#endif
