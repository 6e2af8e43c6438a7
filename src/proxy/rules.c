/* Counted by one thread, the loop's. */
#include "proxy/rules.h"

#include <stdlib.h>

struct hf_rules *hf_rules_borrow(const struct hf_policy *policy)
{
    struct hf_rules *rules = calloc(1, sizeof(*rules));

    if (!rules)
        return NULL;
    rules->policy = policy;
    rules->users = 1;
    return rules;
}

struct hf_rules *hf_rules_take(struct hf_policy *policy)
{
    struct hf_rules *rules = hf_rules_borrow(policy);

    if (!rules)
        return NULL;
    rules->own = *policy;
    rules->policy = &rules->own;
    *policy = (struct hf_policy){0};
    return rules;
}

struct hf_rules *hf_rules_use(struct hf_rules *rules)
{
    rules->users++;
    return rules;
}

void hf_rules_leave(struct hf_rules *rules)
{
    if (!rules || --rules->users)
        return;
    hf_policy_free(&rules->own);
    free(rules);
}
