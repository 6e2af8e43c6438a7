/* Requests that no rule of their host has, as rules of the policy. Pure. */
#ifndef HF_WHY_REQUESTS_H
#define HF_WHY_REQUESTS_H

#include "why/denials.h"
#include "why/lines.h"

/* Are there any that the policy could have a rule for, and has not? */
bool hf_requests_lack(const struct hf_denials *denials, const struct hf_policy *policy);

/* Writes each as the rule that is lacking, with its host. */
void hf_requests_write(const struct hf_denials *denials, const struct hf_policy *policy, FILE *stream);

/* Puts a rule for each before the first rule of its host. False where these are not written in a way that this can be done
 * to, or memory is out. `lines` is the policy's text. */
bool hf_requests_change(const struct hf_denials *denials, const struct hf_policy *policy, struct hf_lines *lines);

#endif
