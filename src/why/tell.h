/* The words of `holdfast why`. */
#ifndef HF_WHY_TELL_H
#define HF_WHY_TELL_H

#include "why/change.h"

/* Tells every denial, and the patch that allows what a policy can allow. `name`: the policy file, or NULL. */
void hf_why_tell(const struct hf_denials *denials, size_t unreadable, const struct hf_policy_text *old,
                 const struct hf_plan *plan, const struct hf_prepared *prepared, const char *name, FILE *stream);

#endif
