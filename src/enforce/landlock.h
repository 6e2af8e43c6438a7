/* The three Landlock calls. */
#ifndef HF_ENFORCE_LANDLOCK_H
#define HF_ENFORCE_LANDLOCK_H

#include "enforce/prepare.h"

/* Makes an empty ruleset, which handles what the plan does. The caller closes it. */
bool hf_landlock_make_ruleset(const struct hf_plan *plan, int *ruleset, struct hf_error *error);

/* Adds the rule of what is open at `fd`. Does nothing, and succeeds, without a ruleset (-1) and for what lies in /proc. */
bool hf_landlock_grant(int ruleset, int fd, const struct hf_opened *opened, struct hf_error *error);

/* In the sandbox's own namespaces: grants what prepared->opened has in /proc, which is a file system of its own there, and
 * enforces the ruleset on the calling thread, which has no_new_privs. Does nothing, and succeeds, only where the plan does
 * not enforce Landlock. */
bool hf_landlock_enforce(const struct hf_plan *plan, const struct hf_prepared *prepared, int ruleset, struct hf_error *error);

#endif
