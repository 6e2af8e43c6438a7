/* Collecting what is wrong with a policy file: faults in the order of the file, and the quoting of what is in it. */
#ifndef HF_POLICY_FAULT_H
#define HF_POLICY_FAULT_H

#include "policy/policy.h"

/* More than a person reads; it bounds the memory that a hostile file can claim. */
#define HF_FAULTS_MAX 1000

struct hf_faults {
    struct hf_diagnostics *list;
    bool out_of_memory;
    struct hf_policy *policy; /* which takes the keys that cannot be enforced, wherever in the file they stand */
};

/* Text of the file made safe for a terminal: control characters escaped, cut when long. Use: hf_quote(t, n).text */
struct hf_quoted {
    char text[288];
};

bool hf_pos_is_before(struct hf_pos a, struct hf_pos b);

__attribute__((format(printf, 3, 4))) void hf_fault(struct hf_faults *faults, struct hf_pos pos, const char *format,
                                                    ...);

struct hf_quoted hf_quote(const char *text, size_t length);

/* Room for one more element: the array, moved if need be, or NULL (noted as out of memory). */
void *hf_grow(struct hf_faults *faults, void *items, size_t count, size_t size);

/* A copy of `length` bytes and a NUL, or NULL (noted). */
char *hf_copy(struct hf_faults *faults, const char *text, size_t length);

#endif
