/* The plan: what will be enforced, worked out from policy, mode and kernel facts by a pure function, every rule with its
 * origin. What `holdfast plan` prints is what the enforcer then walks. */
#ifndef HF_PLAN_PLAN_H
#define HF_PLAN_PLAN_H

#include <jansson.h>

#include "base/error.h"
#include "kernel/facts.h"
#include "plan/rights.h"
#include "policy/policy.h"

enum hf_mode { HF_MODE_BLOCK, HF_MODE_PROXY };

struct hf_rule {
    char *path;
    uint64_t access; /* Landlock file rights, only such as the plan handles; cut when it is opened and no directory */
    struct hf_origin origin;
};

/* What the policy loses on this kernel. `right` and `consequence` are static. */
struct hf_limit {
    const char *right;
    int since; /* the first ABI that has it */
    const char *consequence;
};

/* A limit on what the command uses, in the unit of hf_bound. */
struct hf_planned_bound {
    bool set;
    uint64_t value;
    struct hf_origin origin;
};

struct hf_plan {
    enum hf_mode mode;
    struct hf_origin mode_origin;
    enum hf_compatibility compatibility; /* never HF_COMPATIBILITY_OMITTED */
    struct hf_origin compatibility_origin;
    int min_abi; /* the least that hard_requirement accepts */
    struct hf_origin min_abi_origin;
    struct hf_facts facts;
    bool landlock;       /* a ruleset will be enforced */
    int abi;             /* the ABI that is used, at most HF_ABI_NEWEST; 0 without Landlock */
    uint64_t handled_fs; /* handled_access_fs, handled_access_net and scoped of the ruleset */
    uint64_t handled_net; /* none in proxy mode: the network namespace is the limit, and inside of it all is open */
    uint64_t scoped;
    struct hf_rule *rules;
    size_t rule_count;
    struct hf_limit *limits;
    size_t limit_count;
    bool weaker; /* hard_requirement would have refused this kernel */
    char *workdir;
    char *user; /* as the policy writes it, or NULL */
    char *group;
    struct hf_origin user_origin;
    struct hf_origin group_origin;
    struct hf_planned_bound bounds[HF_BOUND_COUNT]; /* core is always set */
    const struct hf_network_policy *networks; /* borrowed from the policy; none in block mode */
    size_t network_count;
};

struct hf_plan_input {
    const struct hf_policy *policy;
    enum hf_mode mode;
    bool mode_given; /* on the command line */
    struct hf_facts facts;
    const char *workdir;       /* absolute */
    const char *run_directory; /* absolute; the runtime's own, readable inside in proxy mode */
};

/* proxy where the policy names networks, else block. */
enum hf_mode hf_mode_of(const struct hf_policy *policy);
const char *hf_mode_name(enum hf_mode mode);
bool hf_mode_parse(const char *text, enum hf_mode *mode);
const char *hf_compatibility_name(enum hf_compatibility compatibility);

/* Works the plan out. Pure: no system call. On success the caller frees *plan with hf_plan_free; on failure (false) *error
 * says why, and *plan still describes what would have been enforced as far as it was worked out, and is freed the same
 * way. */
bool hf_plan_make(const struct hf_plan_input *input, struct hf_plan *plan, struct hf_error *error);
void hf_plan_free(struct hf_plan *plan);

/* Whether every limit that the policy sets on the network will hold in this mode: none is dropped in silence. In block
 * mode nothing is reached, and so all of them do. */
bool hf_plan_enforces_network(const struct hf_policy *policy, enum hf_mode mode, struct hf_error *error);

/* A place in the policy as an origin. */
struct hf_origin hf_policy_origin(struct hf_pos pos);

/* Fills in what is lost, once rules and ABI are worked out. False when memory is out. */
bool hf_plan_limits(struct hf_plan *plan);

/* What the policy limits, and what it leaves to the runtime: no core dumps. */
void hf_plan_bounds(const struct hf_policy *policy, struct hf_plan *plan);

/* Whether it has a limit on all processes together, for which a cgroup is made. */
bool hf_plan_wants_cgroup(const struct hf_plan *plan);

/* `FILE:LINE:COLUMN`, or the word for where else it comes from. */
void hf_origin_print(const struct hf_origin *origin, const char *policy, FILE *stream);

/* Prints the plan for a person. `policy` is the policy file's name for the origins. */
void hf_plan_print(const struct hf_plan *plan, const char *policy, FILE *stream);

/* Takes the item into the array. Where there is no memory, or was none for either, the array is dropped and becomes NULL:
 * what is told is the whole, or nothing. */
void hf_json_append(json_t **array, json_t *item);
/* The plan as JSON; the caller owns the reference. NULL when memory is out. */
json_t *hf_plan_json(const struct hf_plan *plan);
/* The limits on what the command uses, for a person and as JSON. */
void hf_bounds_print(const struct hf_plan *plan, const char *policy, FILE *stream);
json_t *hf_bounds_json(const struct hf_plan *plan);
/* The names of the rights in `set`. */
json_t *hf_rights_json(enum hf_right_class class, uint64_t set);
json_t *hf_origin_json(const struct hf_origin *origin);
/* Text that need not be UTF-8, as a path need not: where it is not, such bytes are written \xNN. */
json_t *hf_text_json(const char *text);
json_t *hf_limits_json(const struct hf_plan *plan);

#endif
