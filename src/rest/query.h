/* The query of a request against what a rule says of its parameters. Pure. */
#ifndef HF_REST_QUERY_H
#define HF_REST_QUERY_H

#include "policy/policy.h"
#include "proxy/ascii.h"

/* NULL, or why servers could read it in two ways. Only asked where a rule looks at it. */
const char *hf_rest_query_problem(struct hf_span query);

/* Does the query have the parameter, with a pattern's match for every value that it is given? */
bool hf_rest_query_allows(const struct hf_query *rule, struct hf_span query);

/* Does it have the parameter with any value that matches? */
bool hf_rest_query_has(const struct hf_query *rule, struct hf_span query);

#endif
