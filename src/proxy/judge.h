/* The two decisions about a request, with the words for them: may this host and port be asked for, and may the
 * addresses that the name turned out to have be dialled. Pure. */
#ifndef HF_PROXY_JUDGE_H
#define HF_PROXY_JUDGE_H

#include <stdbool.h>

#include "proxy/admission.h"
#include "proxy/match.h"
#include "proxy/tell.h"

/* `decision` points into the buffers below it and into what it was made from: it lives as long as both. */
struct hf_judgement {
    struct hf_decision decision;
    char address[HF_ADDRESS_TEXT_MAX];
    char method[32]; /* these three are request.c's */
    char path[200];
    char by[HF_FIELD_BYTES + 32];
    char reason[512];
    char remedy[512];
};

/* True where the policy lets the target through; *match is then the rule. Else the decision is a 403. */
bool hf_judge_target(const struct hf_policy *policy, const struct hf_target *target,
                     const struct hf_admission *admission, struct hf_match *match, struct hf_judgement *judgement);

/* True where every address may be dialled by some rule, and *match is then the first's: one bad one among good ones
 * refuses them all, since whoever answers for the name chooses their order. Else the decision is a 403. */
bool hf_judge_addresses(const struct hf_policy *policy, const struct hf_target *target,
                        const struct hf_admission *admission, struct hf_match *match, const union hf_address *addresses,
                        size_t count, bool overflow, struct hf_judgement *judgement);

/* The key of the rule for advice; one that is too long to quote whole is not quoted: the decision has it as `rule`. */
const char *hf_judge_key(const struct hf_match *match);

/* A refusal in other words: fills the decision from the target and (where `match` is not NULL) the rule. */
__attribute__((format(printf, 7, 8))) void hf_judge(struct hf_judgement *judgement, const struct hf_target *target,
                                                    const struct hf_match *match, const char *verdict, int status,
                                                    const char *failed, const char *reason, ...);

#endif
