/* The seccomp filter. */
#ifndef HF_ENFORCE_SECCOMP_H
#define HF_ENFORCE_SECCOMP_H

#include "plan/plan.h"

/* Loads the filter on the calling thread, which has no_new_privs. */
bool hf_seccomp_load(enum hf_mode mode, struct hf_error *error);

#endif
