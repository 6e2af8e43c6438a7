/* policy + mode + kernel facts -> plan. Pure: the laws of the design stand here and are tested by table. */
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

/* The default set: what a policy that gives no list gets, the working directory beside it. Enough for dynamically
 * linked programs and scripts to start; a path that is not on this machine is left out without a word. */
static const char *const baseline_read_only[] = {
    "/bin", "/sbin", "/lib", "/lib32",       "/lib64",      "/usr",
    "/etc", "/opt",  "/proc", "/sys",  "/dev/urandom", "/dev/random", "/dev/zero",
};
static const char *const baseline_read_write[] = {"/tmp", "/dev/null", "/dev/full", "/dev/tty"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct hf_origin from_baseline = {.kind = HF_ORIGIN_BASELINE};
static const struct hf_origin from_runtime = {.kind = HF_ORIGIN_RUNTIME};

struct hf_origin hf_policy_origin(struct hf_pos pos)
{
    struct hf_origin origin = {.kind = HF_ORIGIN_POLICY, .line = pos.line, .column = pos.column};

    if (pos.field)
        snprintf(origin.field, sizeof(origin.field), "%s", pos.field);
    return origin;
}

/* What the policy does not say is the baseline's. */
static struct hf_origin origin_of(struct hf_pos pos)
{
    return pos.line ? hf_policy_origin(pos) : from_baseline;
}

enum hf_mode hf_mode_of(const struct hf_policy *policy)
{
    return policy->network_count ? HF_MODE_PROXY : HF_MODE_BLOCK;
}

const char *hf_mode_name(enum hf_mode mode)
{
    return mode == HF_MODE_PROXY ? "proxy" : "block";
}

bool hf_mode_parse(const char *text, enum hf_mode *mode)
{
    *mode = strcmp(text, "proxy") == 0 ? HF_MODE_PROXY : HF_MODE_BLOCK;
    return strcmp(text, hf_mode_name(*mode)) == 0;
}

const char *hf_compatibility_name(enum hf_compatibility compatibility)
{
    return compatibility == HF_COMPATIBILITY_HARD_REQUIREMENT ? "hard_requirement" : "best_effort";
}

static bool out_of_memory(struct hf_error *error)
{
    return hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_PLAN, ENOMEM, "memory");
}

/* `rules` has room: its size was worked out beforehand by rule_capacity. */
static bool add_rule(struct hf_plan *plan, const char *path, uint64_t access, struct hf_origin origin)
{
    char *copy = strdup(path);

    if (!copy)
        return false;
    plan->rules[plan->rule_count++] =
        (struct hf_rule){.path = copy, .access = access & plan->handled_fs, .origin = origin};
    return true;
}

static bool add_list(struct hf_plan *plan, const struct hf_path_list *list, uint64_t access)
{
    for (size_t i = 0; i < list->count; i++)
        if (!add_rule(plan, list->items[i].path, access, hf_policy_origin(list->items[i].pos)))
            return false;
    return true;
}

static bool add_baseline(struct hf_plan *plan, const char *const *paths, size_t count, uint64_t access)
{
    for (size_t i = 0; i < count; i++)
        if (!add_rule(plan, paths[i], access, from_baseline))
            return false;
    return true;
}

static bool gives_lists(const struct hf_policy *policy)
{
    return policy->read_only.given || policy->read_write.given;
}

/* Law 4: true where the section is omitted or has neither list, false where it has a list and does not say. */
static bool wants_workdir(const struct hf_policy *policy)
{
    if (policy->include_workdir != HF_OMITTED)
        return policy->include_workdir == HF_TRUE;
    return !gives_lists(policy);
}

static bool lists_path(const struct hf_path_list *list, const char *path)
{
    for (size_t i = 0; i < list->count; i++)
        if (hf_path_is_same(list->items[i].path, path))
            return true;
    return false;
}

static size_t rule_capacity(const struct hf_policy *policy)
{
    const size_t workdir_and_run_directory = 2;

    return policy->read_only.count + policy->read_write.count + COUNT(baseline_read_only) +
           COUNT(baseline_read_write) + workdir_and_run_directory;
}

static bool add_rules(const struct hf_plan_input *input, struct hf_plan *plan)
{
    const struct hf_policy *policy = input->policy;
    const uint64_t everything = plan->handled_fs;

    plan->rules = calloc(rule_capacity(policy), sizeof(*plan->rules));
    if (!plan->rules)
        return false;
    if (!add_list(plan, &policy->read_only, HF_ACCESS_READ_ONLY) || !add_list(plan, &policy->read_write, everything))
        return false;
    if (!gives_lists(policy) &&
        (!add_baseline(plan, baseline_read_only, COUNT(baseline_read_only), HF_ACCESS_READ_ONLY) ||
         !add_baseline(plan, baseline_read_write, COUNT(baseline_read_write), everything)))
        return false;
    /* A path that the policy calls read_only stays so, be it the working directory. */
    if (wants_workdir(policy) && !lists_path(&policy->read_only, input->workdir) &&
        !add_rule(plan, input->workdir, everything, origin_of(policy->include_workdir_pos)))
        return false;
    /* Law 2: this rule comes last, after everything was decided, and decides nothing. */
    return input->mode != HF_MODE_PROXY ||
           add_rule(plan, input->run_directory, HF_FS_READ_FILE | HF_FS_READ_DIR, from_runtime);
}

static bool copy_optional(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

static bool add_identity(const struct hf_policy *policy, struct hf_plan *plan)
{
    plan->user_origin = hf_policy_origin(policy->run_as_user_pos);
    plan->group_origin = hf_policy_origin(policy->run_as_group_pos);
    return copy_optional(&plan->user, policy->run_as_user) && copy_optional(&plan->group, policy->run_as_group);
}

static struct hf_origin mode_origin(const struct hf_plan_input *input)
{
    if (input->mode_given)
        return (struct hf_origin){.kind = HF_ORIGIN_COMMAND_LINE};
    return input->policy->network_count ? hf_policy_origin(input->policy->networks[0].pos) : from_baseline;
}

/* Law 6. */
static bool check_hard_requirement(const struct hf_plan *plan, struct hf_error *error)
{
    if (plan->compatibility != HF_COMPATIBILITY_HARD_REQUIREMENT)
        return true;
    if (!plan->landlock)
        hf_fail(error, HF_LANDLOCK_UNAVAILABLE, HF_STAGE_LANDLOCK, plan->facts.errnum,
                "landlock ABI %d or later", plan->min_abi);
    else if (plan->abi < plan->min_abi)
        hf_fail(error, HF_LANDLOCK_ABI_TOO_OLD, HF_STAGE_LANDLOCK, 0, "%s ABI %d, ABI %d is required",
                plan->abi < plan->facts.abi ? "this holdfast knows" : "this kernel has", plan->abi, plan->min_abi);
    else
        return true;
    error->origin = plan->min_abi > HF_LEAST_MIN_ABI ? plan->min_abi_origin : plan->compatibility_origin;
    return false;
}

bool hf_plan_make(const struct hf_plan_input *input, struct hf_plan *plan, struct hf_error *error)
{
    const struct hf_policy *policy = input->policy;
    const struct hf_facts *facts = &input->facts;

    *plan = (struct hf_plan){
        .mode = input->mode,
        .mode_origin = mode_origin(input),
        .networks = policy->networks,
        .network_count = input->mode == HF_MODE_PROXY ? policy->network_count : 0,
        .compatibility = policy->compatibility,
        .compatibility_origin = origin_of(policy->compatibility_pos),
        .facts = *facts,
        .landlock = facts->landlock == HF_LANDLOCK_AVAILABLE,
        .abi = facts->abi < HF_ABI_NEWEST ? facts->abi : HF_ABI_NEWEST,
        .min_abi = policy->min_abi ? (int)policy->min_abi : HF_LEAST_MIN_ABI,
        .min_abi_origin = origin_of(policy->min_abi_pos),
    };
    plan->weaker = plan->abi < plan->min_abi;
    /* Law 3. */
    if (plan->compatibility == HF_COMPATIBILITY_OMITTED)
        plan->compatibility = HF_COMPATIBILITY_BEST_EFFORT;
    plan->handled_fs = hf_rights_of(HF_RIGHT_FS, plan->abi);
    /* Landlock's ports would deny servers of the sandbox's own, and in its namespace there is nothing else to reach. */
    if (input->mode == HF_MODE_BLOCK)
        plan->handled_net = hf_rights_of(HF_RIGHT_NET, plan->abi);
    plan->scoped = hf_rights_of(HF_RIGHT_SCOPE, plan->abi);

    if (!add_rules(input, plan) || !hf_plan_limits(plan) || !add_identity(policy, plan) ||
        !copy_optional(&plan->workdir, input->workdir))
        return out_of_memory(error);
    hf_plan_bounds(policy, plan);
    if (!hf_plan_enforces_network(policy, input->mode, error))
        return false;
    if (wants_workdir(policy) && strcmp(input->workdir, "/") == 0)
        return hf_fail(error, HF_WORKDIR_ROOT, HF_STAGE_PLAN, 0, "%s", input->workdir);
    /* Best effort is for what a kernel lacks, not for what went wrong (law 7). */
    if (facts->landlock == HF_LANDLOCK_UNKNOWN)
        return hf_fail(error, HF_LANDLOCK_FAILED, HF_STAGE_LANDLOCK, facts->errnum,
                       "landlock_create_ruleset, asked for the ABI");
    return check_hard_requirement(plan, error);
}

void hf_plan_free(struct hf_plan *plan)
{
    for (size_t i = 0; i < plan->rule_count; i++)
        free(plan->rules[i].path);
    free(plan->rules);
    free(plan->limits);
    free(plan->workdir);
    free(plan->user);
    free(plan->group);
    *plan = (struct hf_plan){0};
}
