/* The policy in force, and those before it for as long as somebody was let through by them: what was decided points into them.
 */
#ifndef HF_PROXY_RULES_H
#define HF_PROXY_RULES_H

#include "policy/policy.h"

struct hf_rules {
    const struct hf_policy *policy;
    struct hf_policy own; /* what `policy` is, where it came later than the start */
    unsigned users;
};

/* With one user. Of a policy that outlives them; or one that they take over and leave empty. NULL: no memory. */
struct hf_rules *hf_rules_borrow(const struct hf_policy *policy);
struct hf_rules *hf_rules_take(struct hf_policy *policy);

struct hf_rules *hf_rules_use(struct hf_rules *rules); /* one user more */
void hf_rules_leave(struct hf_rules *rules);           /* one less; the last one frees them. NULL is fine */

#endif
