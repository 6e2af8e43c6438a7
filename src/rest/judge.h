/* Whether an endpoint's rules let a request through. Pure. */
#ifndef HF_REST_JUDGE_H
#define HF_REST_JUDGE_H

#include "policy/policy.h"
#include "rest/target.h"

/* What fails, the better the earlier: what one rule has and another lacks is told by the rule that came nearest. */
enum hf_rest_half {
    HF_REST_ALLOWED,
    HF_REST_QUERY,  /* a rule has this method and path */
    HF_REST_METHOD, /* a rule has this path, or the preset lacks the method */
    HF_REST_PATH,
    HF_REST_DENY_RULE,
};

struct hf_rest_verdict {
    enum hf_rest_half half;
    const struct hf_request_rule *rule; /* the one that allows or denies, or came nearest; NULL: there is none */
    const char *query_problem;          /* of QUERY: the query could be read in two ways; else NULL */
};

/* Of an endpoint whose protocol is REST. `method` and path are compared byte by byte (RFC 9110 section 9.1), but for what is
 * denied, which is denied in upper and lower case. Whether the endpoint only
 * tells of what is denied (`is_audited`) is the caller's to heed. */
struct hf_rest_verdict hf_rest_judge(const struct hf_endpoint *endpoint, struct hf_span method,
                                     const struct hf_rest_target *target);

/* As the policy writes it; for one that is given. */
const char *hf_rest_preset_name(enum hf_preset access);

/* Does the preset have the method? */
bool hf_rest_preset_has(enum hf_preset access, struct hf_span method);

/* NULL, or why a request with this header field may be another one to its server than its first line says, or more than
 * one. */
const char *hf_rest_field_problem(struct hf_span name, struct hf_span value, struct hf_span method);

#endif
