/* The limits that a policy can set on what the command uses: their keys, units and ranges. */
#ifndef HF_POLICY_BOUND_H
#define HF_POLICY_BOUND_H

#include "policy/policy.h"

enum hf_unit { HF_UNIT_COUNT, HF_UNIT_BYTES, HF_UNIT_SECONDS, HF_UNIT_PROCESSORS };

struct hf_bound_kind {
    const char *section; /* "process.limits" or "resources" */
    const char *key;
    enum hf_unit unit;
    uint64_t least; /* less would not let any command start */
    uint64_t most;
};

extern const struct hf_bound_kind hf_bound_kinds[HF_BOUND_COUNT];

#define HF_BOUND_TEXT_MAX 32

/* A value as a policy writes it, in the largest unit that it is a whole number of: "2GiB", "90s", "1.5". Returns `text`. */
const char *hf_bound_text(enum hf_bound_id id, uint64_t value, char text[HF_BOUND_TEXT_MAX]);

/* Reads such a value. False where it is none, or out of the limit's range. */
bool hf_bound_parse(enum hf_bound_id id, const char *text, uint64_t *value);

#endif
