/* Ranges of addresses: "10.0.0.0/8", "fc00::/7", or one address. */
#ifndef HF_POLICY_RANGE_H
#define HF_POLICY_RANGE_H

#include "policy/policy.h"

/* True where every address of the range is of one class other than public, which is then *class. */
bool hf_range_class(const struct hf_range *range, enum hf_address_class *class);

#endif
