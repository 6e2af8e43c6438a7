/* The words for calls that the seccomp filter denies. Pure. */
#ifndef HF_WHY_DENIED_H
#define HF_WHY_DENIED_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>

#include "plan/plan.h"

/* "socket(AF_INET)", "ptrace". */
void hf_denied_name(const struct seccomp_data *data, char *text, size_t size);

/* What would allow it; static. */
const char *hf_denied_remedy(const struct seccomp_data *data, const struct hf_plan *plan);

#endif
