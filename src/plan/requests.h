/* An endpoint's rules for requests, shown. */
#ifndef HF_PLAN_REQUESTS_H
#define HF_PLAN_REQUESTS_H

#include <jansson.h>
#include <stdio.h>

#include "policy/policy.h"

/* Nothing where the endpoint has none. `policy` is the policy file's name. */
void hf_requests_print(const struct hf_endpoint *endpoint, const char *policy, FILE *stream);

/* A new reference; NULL where the endpoint has none, or memory is out. */
json_t *hf_requests_json(const struct hf_endpoint *endpoint);

#endif
