/* Hosts as endpoints of a policy. */
#ifndef HF_WHY_ENDPOINTS_H
#define HF_WHY_ENDPOINTS_H

#include "why/denials.h"

/* Writes an entry of network_policies for each host that the proxy refused and a policy can name; how many. */
size_t hf_endpoints_write(const struct hf_denials *denials, const char *indent, FILE *stream);

/* Whether a policy has them all. */
bool hf_endpoints_are_in(const struct hf_denials *denials, const struct hf_policy *policy);

#endif
