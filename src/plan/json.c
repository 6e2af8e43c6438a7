/* The plan as JSON, for `holdfast plan --json` and the report. */
#include "plan/plan.h"

json_t *hf_rights_json(enum hf_right_class class, uint64_t set)
{
    json_t *names = json_array();

    for (size_t i = 0; i < hf_right_count; i++)
        if (hf_rights[i].class == class && (hf_rights[i].bit & set))
            json_array_append_new(names, json_string(hf_rights[i].name));
    return names;
}

json_t *hf_origin_json(const struct hf_origin *origin)
{
    if (!origin->line)
        return json_string(hf_origin_name(origin->kind));
    return json_sprintf("%s:%u:%u", hf_origin_name(origin->kind), origin->line, origin->column);
}

json_t *hf_limits_json(const struct hf_plan *plan)
{
    json_t *limits = json_array();

    for (size_t i = 0; i < plan->limit_count; i++)
        json_array_append_new(limits, json_pack("{s:s, s:i, s:s}", "right", plan->limits[i].right, "since_abi",
                                                plan->limits[i].since, "consequence", plan->limits[i].consequence));
    return limits;
}

static json_t *rules_json(const struct hf_plan *plan)
{
    json_t *rules = json_array();

    for (size_t i = 0; i < plan->rule_count; i++) {
        const struct hf_rule *rule = &plan->rules[i];

        json_array_append_new(rules, json_pack("{s:s, s:o, s:o}", "path", rule->path, "access",
                                               hf_rights_json(HF_RIGHT_FS, rule->access), "origin",
                                               hf_origin_json(&rule->origin)));
    }
    return rules;
}

json_t *hf_plan_json(const struct hf_plan *plan)
{
    return json_pack("{s:s, s:s, s:o, s:b, s:i, s:{s:o, s:o, s:o}, s:o, s:o, s:s?, s:s?, s:s?, s:o}", "mode",
                     hf_mode_name(plan->mode), "compatibility", hf_compatibility_name(plan->compatibility),
                     "compatibility_origin", hf_origin_json(&plan->compatibility_origin), "landlock", plan->landlock,
                     "abi", plan->abi, "handled", "fs", hf_rights_json(HF_RIGHT_FS, plan->handled_fs), "net",
                     hf_rights_json(HF_RIGHT_NET, plan->handled_net), "scoped",
                     hf_rights_json(HF_RIGHT_SCOPE, plan->scoped), "rules", rules_json(plan), "proxy_port_access",
                     hf_rights_json(HF_RIGHT_NET, plan->proxy_access), "workdir", plan->workdir, "run_as_user",
                     plan->user, "run_as_group", plan->group, "limits", hf_limits_json(plan));
}
