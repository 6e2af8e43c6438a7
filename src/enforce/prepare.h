/* Phase one of Landlock: every path of the plan opened once, as the caller, before any privilege is given up, and closed again
 * when its rule is made: the number of rules is not bounded by that of descriptors. */
#ifndef HF_ENFORCE_PREPARE_H
#define HF_ENFORCE_PREPARE_H

#include <sys/types.h>

#include "plan/plan.h"

/* A rule whose path could be opened. `access` is cut to what its kind of file may be granted. */
struct hf_opened {
    dev_t dev;
    ino_t ino;
    uint64_t access;
    bool proc;                  /* in /proc, which is another one in the sandbox */
    const struct hf_rule *rule; /* borrowed from the plan */
};

struct hf_skipped {
    const struct hf_rule *rule;
    int errnum;
};

struct hf_prepared {
    int ruleset; /* a ruleset with all the rules but those of /proc, or -1 where Landlock is not enforced */
    struct hf_opened *opened;
    size_t opened_count;
    struct hf_skipped *skipped; /* paths that could not be opened, of the baseline too */
    size_t skipped_count;
    unsigned flags; /* of landlock_restrict_self */
    bool weaker; /* a path that the policy lists was skipped: hard_requirement would have refused */
};

/* Opens the plan's paths and makes the ruleset. A path that is not there is skipped, or refused when the policy lists it
 * and the plan is a hard_requirement; a shortage (descriptors, memory) is refused always. On failure nothing is left
 * open. The plan must outlive *prepared, which the caller frees with hf_prepared_free. */
bool hf_prepare(const struct hf_plan *plan, struct hf_prepared *prepared, struct hf_error *error);
void hf_prepared_free(struct hf_prepared *prepared);

#endif
