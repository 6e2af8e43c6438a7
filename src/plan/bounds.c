/* The limits on what the command uses: what an omission means, and how a plan shows them. */
#include "plan/plan.h"

#include "policy/bound.h"

/* Off unless the policy wants one: a core dump is the command's memory, with whatever secrets it has, written to where the
 * machine's core_pattern leads, which need not be inside of the sandbox (core(5)). */
static const struct hf_planned_bound no_core = {.set = true, .value = 0, .origin = {.kind = HF_ORIGIN_BASELINE}};

void hf_plan_bounds(const struct hf_policy *policy, struct hf_plan *plan)
{
    for (size_t i = 0; i < HF_BOUND_COUNT; i++) {
        const struct hf_bound *asked = &policy->bounds[i];

        plan->bounds[i] = (struct hf_planned_bound){asked->given, asked->value, hf_policy_origin(asked->pos)};
    }
    if (!plan->bounds[HF_BOUND_CORE].set)
        plan->bounds[HF_BOUND_CORE] = no_core;
}

bool hf_plan_wants_cgroup(const struct hf_plan *plan)
{
    return plan->bounds[HF_BOUND_MEMORY].set || plan->bounds[HF_BOUND_PIDS].set || plan->bounds[HF_BOUND_CPU].set;
}

void hf_bounds_print(const struct hf_plan *plan, const char *policy, FILE *stream)
{
    for (enum hf_bound_id id = 0; id < HF_BOUND_COUNT; id++) {
        const struct hf_planned_bound *bound = &plan->bounds[id];
        char text[HF_BOUND_TEXT_MAX];

        if (!bound->set)
            continue;
        fprintf(stream, "at most: %s.%s %s (", hf_bound_kinds[id].section, hf_bound_kinds[id].key,
                hf_bound_text(id, bound->value, text));
        hf_origin_print(&bound->origin, policy, stream);
        fputs(")\n", stream);
    }
}

json_t *hf_bounds_json(const struct hf_plan *plan)
{
    static const char *const units[] = {[HF_UNIT_COUNT] = "1",
                                        [HF_UNIT_BYTES] = "bytes",
                                        [HF_UNIT_SECONDS] = "seconds",
                                        [HF_UNIT_PROCESSORS] = "thousandths of a processor"};
    json_t *all = json_array();

    for (enum hf_bound_id id = 0; id < HF_BOUND_COUNT; id++) {
        const struct hf_bound_kind *kind = &hf_bound_kinds[id];
        const struct hf_planned_bound *bound = &plan->bounds[id];

        if (bound->set)
            hf_json_append(&all, json_pack("{s:o, s:I, s:s, s:o}", "key",
                                           json_sprintf("%s.%s", kind->section, kind->key), "at_most",
                                           (json_int_t)bound->value, "unit", units[kind->unit],
                                           "origin", hf_origin_json(&bound->origin)));
    }
    return all;
}
