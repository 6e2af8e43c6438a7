/* Who the command runs as, and that it has no capability. */
#ifndef HF_ENFORCE_IDENTITY_H
#define HF_ENFORCE_IDENTITY_H

#include <sys/types.h>

#include "plan/plan.h"

struct hf_identity {
    bool change; /* false: as the caller, and nothing below counts */
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* supplementary; freed with hf_identity_free */
    size_t group_count;
};

/* Looks the plan's user and group up (name or number) and checks that the caller may become them. */
bool hf_identity_resolve(const struct hf_plan *plan, struct hf_identity *identity, struct hf_error *error);
void hf_identity_free(struct hf_identity *identity);

/* Becomes `identity` and gives every capability up: bounding, ambient, inheritable, permitted, effective. What it did is
 * then read back from the kernel, and a set that is not empty is a failure. */
bool hf_identity_drop(const struct hf_identity *identity, struct hf_error *error);

/* Does the calling process have what making namespaces, with loopback up and a /proc, and dropping need, without a user
 * namespace? */
bool hf_identity_privileged(const struct hf_identity *identity);

#endif
