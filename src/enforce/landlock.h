/* The three Landlock calls. */
#ifndef HF_ENFORCE_LANDLOCK_H
#define HF_ENFORCE_LANDLOCK_H

#include "enforce/prepare.h"

/* Makes prepared->ruleset from prepared->opened. The caller closes it through hf_prepared_free. */
bool hf_landlock_make_ruleset(const struct hf_plan *plan, struct hf_prepared *prepared, struct hf_error *error);

/* In the sandbox's own namespaces: grants what prepared->opened has in /proc, which is a file system of its own there, and
 * enforces the ruleset on the calling thread, which has no_new_privs. Does nothing, and succeeds, only where the plan does
 * not enforce Landlock. */
bool hf_landlock_enforce(const struct hf_plan *plan, const struct hf_prepared *prepared, int ruleset, struct hf_error *error);

#endif
