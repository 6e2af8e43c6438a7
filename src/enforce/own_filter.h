/* The seccomp filters of the runtime's own processes that stay beside the command: what they never need. */
#ifndef HF_ENFORCE_OWN_FILTER_H
#define HF_ENFORCE_OWN_FILTER_H

#include "base/error.h"
#include "enforce/filter.h"

/* The proxy reads what strangers send; the porter looks at processes, and needs no network. */
enum hf_own_process { HF_OWN_PROXY, HF_OWN_PORTER };

/* Writes the filter. False where it is longer than there is room for. */
bool hf_own_filter(enum hf_own_process who, struct hf_filter *filter);

/* Loads it on the calling thread, which has no_new_privs, and those that it will start. */
bool hf_own_filter_load(enum hf_own_process who, struct hf_error *error);

#endif
