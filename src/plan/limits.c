/* What is lost on a kernel: the rights that its Landlock lacks, that nothing else holds, and that the policy has a use
 * for. */
#include "plan/plan.h"

#include <stdlib.h>

/* Whether the policy would make a difference to the right: one that lets nothing be renamed loses nothing where renames
 * fail, and one that lists no device to read alone leaves none to be protected. */
static bool matters(const struct hf_plan *plan, const struct hf_right *right)
{
    const bool refer = right->bit == HF_FS_REFER, ioctl = right->bit == HF_FS_IOCTL_DEV;

    if (right->class != HF_RIGHT_FS || (!refer && !ioctl))
        return true;
    for (size_t i = 0; i < plan->rule_count; i++)
        if (plan->rules[i].origin.kind != HF_ORIGIN_RUNTIME &&
            refer == ((plan->rules[i].access & HF_FS_WRITE_FILE) != 0))
            return true;
    return false;
}

bool hf_plan_limits(struct hf_plan *plan)
{
    plan->limits = calloc(hf_right_count + 1, sizeof(*plan->limits));
    if (!plan->limits)
        return false;
    if (!plan->landlock)
        plan->limits[plan->limit_count++] =
            (struct hf_limit){"landlock", 1, "no file is protected: the command can use what its user can"};
    for (size_t i = 0; i < hf_right_count; i++) {
        const struct hf_right *right = &hf_rights[i];

        /* Without Landlock the one line above says it for the files. */
        if (right->since > plan->abi && right->consequence && matters(plan, right) &&
            (plan->landlock || right->class != HF_RIGHT_FS))
            plan->limits[plan->limit_count++] = (struct hf_limit){right->name, right->since, right->consequence};
    }
    return true;
}
