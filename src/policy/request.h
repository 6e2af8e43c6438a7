/* Rules for requests: their readers, and what must hold between an endpoint's keys. */
#ifndef HF_POLICY_REQUEST_H
#define HF_POLICY_REQUEST_H

#include "policy/schema.h"

hf_read hf_read_rules;   /* a list of the row's section, into a struct hf_request_rules */
hf_read hf_read_pattern; /* into a struct hf_text; what it is a pattern of is checked with the whole endpoint */
hf_read hf_read_queries; /* into a struct hf_request_rule */

/* What an endpoint says of requests is judged by where its protocol is REST, cannot be where it is another, and would never
 * be where there is none. `target` is a struct hf_endpoint. */
void hf_check_requests(struct hf_faults *faults, const struct hf_node *map, const void *target);

#endif
