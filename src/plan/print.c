/* The plan for a person: the list of operations that the enforcer walks, each with where it comes from. */
#include "plan/errata.h"
#include "plan/plan.h"
#include "plan/promise.h"
#include "plan/requests.h"

static void print_rights(enum hf_right_class class, uint64_t set, FILE *stream)
{
    const char *between = "";

    for (size_t i = 0; i < hf_right_count; i++)
        if (hf_rights[i].class == class && (hf_rights[i].bit & set)) {
            fprintf(stream, "%s%s", between, hf_rights[i].name);
            between = ",";
        }
    if (!set)
        fputs("-", stream);
}

void hf_origin_print(const struct hf_origin *origin, const char *policy, FILE *stream)
{
    if (origin->line)
        fprintf(stream, "%s:%s", policy ? policy : "policy", hf_origin_place(origin).text);
    else
        fputs(hf_origin_name(origin->kind), stream);
}

static const char *access_word(const struct hf_plan *plan, uint64_t access)
{
    if (access == plan->handled_fs)
        return "read_write";
    return access == (HF_ACCESS_READ_ONLY & plan->handled_fs) ? "read_only" : "read, no execute";
}

static void print_landlock(const struct hf_plan *plan, const char *policy, FILE *stream)
{
    if (!plan->landlock) {
        fprintf(stream, "landlock: not enforced, this kernel says %s\n", hf_landlock_state_name(plan->facts.landlock));
        return;
    }
    fprintf(stream, "landlock: ABI %d of the kernel's %d\n  handles fs: ", plan->abi, plan->facts.abi);
    print_rights(HF_RIGHT_FS, plan->handled_fs, stream);
    fputs("\n  handles net: ", stream);
    print_rights(HF_RIGHT_NET, plan->handled_net, stream);
    fputs("\n  scopes: ", stream);
    print_rights(HF_RIGHT_SCOPE, plan->scoped, stream);
    fputs("\n", stream);
    for (size_t i = 0; i < plan->rule_count; i++) {
        const struct hf_rule *rule = &plan->rules[i];

        fprintf(stream, "  rule: %s: %s (", rule->path, access_word(plan, rule->access));
        hf_origin_print(&rule->origin, policy, stream);
        fputs(")\n", stream);
    }
    fputs("  (what is no directory gets the rights of files among these alone)\n", stream);
}

static void print_endpoint(const struct hf_endpoint *endpoint, const char *policy, FILE *stream)
{
    const struct hf_origin origin = hf_policy_origin(endpoint->pos);
    char address[HF_ADDRESS_TEXT_MAX];

    fprintf(stream, "  endpoint: %s:", endpoint->host);
    for (size_t i = 0; i < endpoint->port_count; i++)
        fprintf(stream, "%s%u", i ? "," : "", endpoint->ports[i]);
    for (size_t i = 0; i < endpoint->range_count; i++)
        fprintf(stream, "%s %s/%u", i ? "," : " at", hf_address_text(&endpoint->ranges[i].network, address),
                endpoint->ranges[i].bits);
    fputs(" (", stream);
    hf_origin_print(&origin, policy, stream);
    fputs(")\n", stream);
    hf_requests_print(endpoint, policy, stream);
}

static void print_network(const struct hf_plan *plan, const char *policy, FILE *stream)
{
    fprintf(stream, "network: own namespace, loopback only%s\n",
            plan->mode == HF_MODE_PROXY ? ", a socket of the proxy's in it" : ", no IP sockets");
    for (size_t i = 0; i < plan->network_count; i++)
        for (size_t j = 0; j < plan->networks[i].endpoint_count; j++)
            print_endpoint(&plan->networks[i].endpoints[j], policy, stream);
}

void hf_plan_print(const struct hf_plan *plan, const char *policy, FILE *stream)
{
    fprintf(stream, "mode: %s (", hf_mode_name(plan->mode));
    hf_origin_print(&plan->mode_origin, policy, stream);
    fprintf(stream, ")\ncompatibility: %s (", hf_compatibility_name(plan->compatibility));
    hf_origin_print(&plan->compatibility_origin, policy, stream);
    fprintf(stream, "), hard_requirement accepts landlock ABI %d and later (", plan->min_abi);
    hf_origin_print(&plan->min_abi_origin, policy, stream);
    fputs(")\n", stream);
    fprintf(stream, "workdir: %s\n", plan->workdir ? plan->workdir : "-");
    print_network(plan, policy, stream);
    fprintf(stream, "identity: user %s, group %s, no capability\n", plan->user ? plan->user : "as the caller",
            plan->group ? plan->group : "as the user's");
    hf_bounds_print(plan, policy, stream);
    print_landlock(plan, policy, stream);
    for (size_t i = 0; i < plan->limit_count; i++)
        fprintf(stream, "not restricted here: %s (%s needs ABI %d)\n", plan->limits[i].consequence,
                plan->limits[i].right, plan->limits[i].since);
    hf_promises_print(plan, stream);
    if (plan->landlock)
        hf_errata_print(&plan->facts, stream);
}
