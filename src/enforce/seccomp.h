/* The seccomp filter. */
#ifndef HF_ENFORCE_SECCOMP_H
#define HF_ENFORCE_SECCOMP_H

#include "enforce/filter.h"
#include "plan/plan.h"

/* Newer than the distribution's headers (6.1): its x86-64 number (arch/x86/entry/syscalls/syscall_64.tbl). */
#define HF_NR_OPEN_TREE_ATTR 467

/* The calls that a listener is to be told of, beside those that the filter denies. */
struct hf_watched {
    const int *calls;
    size_t count;
};

/* Writes the filter of a mode; `watched` NULL: there is no listener. False where it is longer than there is room for. */
bool hf_seccomp_filter(enum hf_mode mode, const struct hf_watched *watched, struct hf_filter *filter);

/* Loads the filter on the calling thread, which has no_new_privs. */
bool hf_seccomp_load(enum hf_mode mode, struct hf_error *error);

/* The same for a command that is watched: the listener's descriptor, or -1. Whoever has it answers hf_seccomp_errno of a call
 * where that is not 0. A call that nobody answers fails (ENOSYS): it fails closed. */
int hf_seccomp_listen(enum hf_mode mode, const struct hf_watched *watched, struct hf_error *error);

/* By which errno the filter denies a call, always or by its arguments; 0 where it never does. */
int hf_seccomp_errno(int call);

#endif
