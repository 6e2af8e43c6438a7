/* The third decision: may this request be made there, by the rules of the endpoints that its place has. Pure. */
#ifndef HF_PROXY_REQUEST_H
#define HF_PROXY_REQUEST_H

#include "proxy/head.h"
#include "proxy/judge.h"
#include "rest/judge.h"

struct hf_request {
    struct hf_span method;
    struct hf_span target; /* in origin form, as it came; nothing is "/" */
    const char *problem;   /* of the first header field that has one (hf_rest_field_problem), or NULL */
    bool to_websocket;     /* a GET that must be allowed, and beyond that what nobody looks into: rules have a method for it */
};

/* Of a head that is to be forwarded, in whose bytes it stays. */
struct hf_request hf_request_of_head(const struct hf_head *head);

enum hf_request_verdict {
    HF_REQUEST_UNJUDGED, /* no endpoint there has rules */
    HF_REQUEST_ALLOWED,
    HF_REQUEST_AUDITED, /* to be let through, and told: the decision has verdict "audit" and status 200 */
    HF_REQUEST_DENIED,  /* the decision is a 403 */
};

/* Judges a request for a place that is allowed, at one of its addresses (NULL: at none yet). Endpoints without rules do not
 * count where there is one with: of those that who asks may use, none that enforces may deny it by deny_rules, and one
 * must allow it, or audit. For all but UNJUDGED the judgement is filled, and for ALLOWED and AUDITED *target has what is
 * to go to the server in `wire`. *match is given the endpoint that decided. */
enum hf_request_verdict hf_judge_request(const struct hf_policy *policy, const struct hf_target *place,
                                         const struct hf_admission *admission, const union hf_address *address,
                                         const struct hf_request *request, struct hf_rest_target *target,
                                         struct hf_match *match, struct hf_judgement *judgement);

/* A tunnel to a place whose requests are to be judged, where they cannot be. The decision is a 403. */
void hf_judge_closed_tunnel(const struct hf_target *place, const struct hf_match *match, struct hf_judgement *judgement);

#endif
