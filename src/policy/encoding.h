/* Whether the bytes of a policy file are text at all. */
#ifndef HF_POLICY_ENCODING_H
#define HF_POLICY_ENCODING_H

#include "policy/fault.h"

/* True for UTF-8 without a byte order mark, NUL or other control characters; else one fault, at the first bad byte. */
bool hf_encoding_check(struct hf_faults *faults, const char *text, size_t length);

#endif
