/* The capabilities of the calling process. */
#ifndef HF_ENFORCE_CAPABILITIES_H
#define HF_ENFORCE_CAPABILITIES_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define HF_CAPABILITY(number) (UINT32_C(1) << (number))

/* Does it have all of these, and in effect? Of the first 32, which are all that are ever asked for. */
bool hf_capabilities_have(uint32_t wanted);

/* Clears the bounding set, which takes CAP_SETPCAP. */
bool hf_capabilities_drop_bounding(struct hf_error *error);

/* Clears ambient, inheritable, permitted and effective. */
bool hf_capabilities_drop_sets(struct hf_error *error);

/* Reads every set back from the kernel: one that is not empty is a failure. */
bool hf_capabilities_verify_none(struct hf_error *error);

#endif
