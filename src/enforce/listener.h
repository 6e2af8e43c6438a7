/* A second seccomp filter, which enforces nothing: it tells a listener of calls, and the kernel makes them once that has
 * answered. What the enforcing filter denies is never told: the stricter of two answers counts (seccomp(2)). */
#ifndef HF_ENFORCE_LISTENER_H
#define HF_ENFORCE_LISTENER_H

#include <stddef.h>

#include "base/error.h"

/* Loads it on the calling thread, which has no_new_privs, for the calls of these numbers. The listener's descriptor, or -1. */
int hf_listener_open(const int *calls, size_t count, struct hf_error *error);

#endif
