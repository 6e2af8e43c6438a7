/* What a plain scalar means. */
#ifndef HF_POLICY_SCALAR_H
#define HF_POLICY_SCALAR_H

#include "policy/node.h"

/* The kind of an unquoted scalar by the core schema of YAML 1.2 (section 10.3.2). */
enum hf_node_kind hf_scalar_kind(const char *text, size_t length);

#endif
