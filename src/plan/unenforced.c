/* Keys of the policy that this version cannot enforce: what lets less out on paper must not let more out in fact. */
#include "plan/plan.h"

#include <string.h>

static bool is_first(const struct hf_policy *policy, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(policy->unenforced[i].key, policy->unenforced[index].key) == 0)
            return false;
    return true;
}

static struct hf_where where(struct hf_pos pos)
{
    return hf_where(pos.line, pos.field);
}

/* "protocol (line 8), tls (line 12)": each key once, where it stands first. */
static void list_keys(const struct hf_policy *policy, char *text, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < policy->unenforced_count && used < size; i++)
        if (is_first(policy, i))
            used += (size_t)snprintf(text + used, size - used, "%s%s (%s)", i ? ", " : "", policy->unenforced[i].key,
                                     where(policy->unenforced[i].pos).text);
}

bool hf_plan_enforces_network(const struct hf_policy *policy, enum hf_mode mode, struct hf_error *error)
{
    char keys[1024] = "";

    if (mode == HF_MODE_BLOCK || policy->unenforced_count == 0)
        return true;
    list_keys(policy, keys, sizeof(keys));
    hf_fail(error, HF_POLICY_UNSUPPORTED, HF_STAGE_PLAN, 0, "%s", keys);
    error->origin = hf_policy_origin(policy->unenforced[0].pos);
    return false;
}
