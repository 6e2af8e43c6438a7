/* Whether a run can go on by another policy: what was enforced when its command was started stays as it was, and of networks it
 * can take those that it was started with the means for. Pure. */
#ifndef HF_POLICY_AMEND_H
#define HF_POLICY_AMEND_H

#include "policy/fault.h"

/* `started`: the policy that the run was started with; `tells_programs`: who asks can be found out. True where its networks can
 * become those of `policy`; else *faults has every key against it. What means the same is the same, however it is written. A
 * key that `policy` lacks is named by the field that it would be, as in a message. */
bool hf_amend_check(const struct hf_policy *started, bool tells_programs, const struct hf_policy *policy,
                    struct hf_faults *faults);

#endif
