/* The static part as a table, key by key, each compared by what it means; then the means. */
#include "policy/amend.h"

#include <string.h>

#include "policy/bound.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ANEW ": start the command anew with this policy"

static bool has_lists(const struct hf_policy *policy)
{
    return policy->read_only.given || policy->read_write.given;
}

static bool has_path(const struct hf_path_list *list, const char *path)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].path, path) == 0)
            return true;
    return false;
}

static bool is_within(const struct hf_path_list *one, const struct hf_path_list *other)
{
    for (size_t i = 0; i < one->count; i++)
        if (!has_path(other, one->items[i].path))
            return false;
    return true;
}

/* A list that is not there is empty where the other one is, and the default set where neither is. */
static bool same_list(const struct hf_policy *started, const struct hf_path_list *old, const struct hf_policy *policy,
                      const struct hf_path_list *new)
{
    if (has_lists(started) != has_lists(policy))
        return old->given == new->given;
    return is_within(old, new) && is_within(new, old);
}

static bool same_read_only(const struct hf_policy *started, const struct hf_policy *policy)
{
    return same_list(started, &started->read_only, policy, &policy->read_only);
}

static bool same_read_write(const struct hf_policy *started, const struct hf_policy *policy)
{
    return same_list(started, &started->read_write, policy, &policy->read_write);
}

static bool includes_workdir(const struct hf_policy *policy)
{
    return policy->include_workdir == HF_OMITTED ? !policy->filesystem_given : policy->include_workdir == HF_TRUE;
}

static bool same_workdir(const struct hf_policy *started, const struct hf_policy *policy)
{
    return includes_workdir(started) == includes_workdir(policy);
}

static bool same_compatibility(const struct hf_policy *started, const struct hf_policy *policy)
{
    return (started->compatibility == HF_COMPATIBILITY_HARD_REQUIREMENT) ==
           (policy->compatibility == HF_COMPATIBILITY_HARD_REQUIREMENT);
}

static unsigned min_abi_of(const struct hf_policy *policy)
{
    return policy->min_abi ? policy->min_abi : HF_LEAST_MIN_ABI;
}

static bool same_min_abi(const struct hf_policy *started, const struct hf_policy *policy)
{
    return min_abi_of(started) == min_abi_of(policy);
}

static bool same_text(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

static bool same_user(const struct hf_policy *started, const struct hf_policy *policy)
{
    return same_text(started->run_as_user, policy->run_as_user);
}

static bool same_group(const struct hf_policy *started, const struct hf_policy *policy)
{
    return same_text(started->run_as_group, policy->run_as_group);
}

static const struct {
    const char *key;
    bool (*is_same)(const struct hf_policy *started, const struct hf_policy *policy);
} keys[] = {
    {"filesystem_policy.include_workdir", same_workdir},
    {"filesystem_policy.read_only", same_read_only},
    {"filesystem_policy.read_write", same_read_write},
    {"landlock.compatibility", same_compatibility},
    {"landlock.min_abi", same_min_abi},
    {"process.run_as_user", same_user},
    {"process.run_as_group", same_group},
};

/* Without a limit on core dumps there are none (plan/bounds.c). */
static bool same_bound(const struct hf_policy *started, const struct hf_policy *policy, enum hf_bound_id id)
{
    const struct hf_bound *old = &started->bounds[id], *new = &policy->bounds[id];

    if (id == HF_BOUND_CORE)
        return (old->given ? old->value : 0) == (new->given ? new->value : 0);
    return old->given == new->given && (!old->given || old->value == new->value);
}

/* In the order of the table, which is that of their places in no file. */
static void check_static(const struct hf_policy *started, const struct hf_policy *policy, struct hf_faults *faults)
{
    static const char words[] = "is not what the run was started with, and cannot change while it lasts" ANEW;
    struct hf_pos pos = {.line = 0};
    char key[64];

    for (size_t i = 0; i < COUNT(keys); i++) {
        pos.field = keys[i].key;
        if (!keys[i].is_same(started, policy))
            hf_fault(faults, pos, "%s %s", keys[i].key, words);
    }
    for (enum hf_bound_id id = 0; id < HF_BOUND_COUNT; id++) {
        snprintf(key, sizeof(key), "%s.%s", hf_bound_kinds[id].section, hf_bound_kinds[id].key);
        pos.field = key;
        if (!same_bound(started, policy, id))
            hf_fault(faults, pos, "%s %s", key, words);
    }
}

/* Is all that `host` covers covered by `pattern`, too? */
static bool covers(const char *pattern, const char *host)
{
    const size_t length = strlen(host), suffix = strlen(pattern) - 1;

    if (strncmp(pattern, "*.", 2) == 0 && length > suffix && strcmp(host + length - suffix, pattern + 1) == 0)
        return true;
    return strcmp(pattern, host) == 0;
}

/* The run's CA is good for the hosts that it was made for, and no others. */
static bool has_certificate(const struct hf_policy *started, const char *host)
{
    for (size_t i = 0; i < started->network_count; i++)
        for (size_t j = 0; j < started->networks[i].endpoint_count; j++)
            if (hf_endpoint_terminates(&started->networks[i].endpoints[j]) &&
                covers(started->networks[i].endpoints[j].host, host))
                return true;
    return false;
}

static void check_endpoint(const struct hf_policy *started, const struct hf_endpoint *endpoint, struct hf_faults *faults)
{
    if (!hf_endpoint_terminates(endpoint) || has_certificate(started, endpoint->host))
        return;
    hf_fault(faults, endpoint->tls_pos, "%s" ANEW,
             hf_policy_terminates(started) ? "TLS cannot end here: the run's CA is for the hosts alone at which TLS ended when "
                                             "it was started"
                                           : "TLS cannot end here: the run was started without tls: terminate, and its command "
                                             "knows of no CA");
}

static void check_means(const struct hf_policy *started, bool tells_programs, const struct hf_policy *policy,
                        struct hf_faults *faults)
{
    for (size_t i = 0; i < policy->network_count; i++) {
        const struct hf_network_policy *network = &policy->networks[i];

        for (size_t j = 0; j < network->endpoint_count; j++)
            check_endpoint(started, &network->endpoints[j], faults);
        if (network->binaries.given && !tells_programs)
            hf_fault(faults, network->binaries.pos,
                     "programs cannot be told apart here: the run was started without binaries, and without --log" ANEW);
    }
    for (size_t i = 0; i < policy->unenforced_count; i++)
        hf_fault(faults, policy->unenforced[i].pos,
                 "%s cannot be enforced by this version: take it out if more may be reached than it says",
                 policy->unenforced[i].key);
}

bool hf_amend_check(const struct hf_policy *started, bool tells_programs, const struct hf_policy *policy,
                    struct hf_faults *faults)
{
    check_static(started, policy, faults);
    check_means(started, tells_programs, policy, faults);
    return faults->list->count == 0 && !faults->out_of_memory;
}
