/* Other networks for a run. All that can fail comes before the change, which is one assignment between two events: what was
 * let through stays so, and what is asked from then on, or was asked and not answered yet, is judged by the new ones. */
#include "policy/amend.h"
#include "proxy/control.h"
#include "wire/format.h"

static bool is_permitted(struct hf_server *server, const char *bytes, size_t length, struct hf_policy *policy,
                         struct hf_diagnostics *reasons)
{
    struct hf_faults faults = {.list = reasons, .policy = policy};
    struct hf_tree tree;
    const bool valid = hf_format_judge(HF_FORMAT_PB, bytes, length, &tree, policy, reasons) &&
                       hf_amend_check(server->proxy->policy, server->proxy->who, policy, &faults);

    hf_tree_free(&tree);
    return valid;
}

static bool put_in_force(struct hf_server *server, struct hf_policy *policy, const char *bytes, size_t length)
{
    struct hf_rules *rules = hf_rules_take(policy);

    if (!rules || (server->proxy->who && !hf_who_change(server->proxy->who, rules->policy, bytes, length))) {
        hf_rules_leave(rules);
        return false;
    }
    hf_rules_leave(server->rules);
    server->rules = rules;
    server->updates++;
    return true;
}

bool hf_control_update(struct hf_server *server, const char *bytes, size_t length, struct hf_diagnostics *reasons)
{
    struct hf_faults faults = {.list = reasons};
    struct hf_policy policy;
    bool done = is_permitted(server, bytes, length, &policy, reasons);

    if (done && !put_in_force(server, &policy, bytes, length)) {
        hf_fault(&faults, (struct hf_pos){0}, "the proxy has no memory for another policy");
        done = false;
    }
    hf_policy_free(&policy);
    return done;
}
