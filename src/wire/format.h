/* The formats that a policy can be in. */
#ifndef HF_WIRE_FORMAT_H
#define HF_WIRE_FORMAT_H

#include "policy/node.h"

const char *hf_format_name(enum hf_format format); /* "yaml" or "pb" */

/* Reads and judges, as hf_policy_judge does. The caller frees *tree, *policy and *diagnostics. */
bool hf_format_judge(enum hf_format format, const char *bytes, size_t length, struct hf_tree *tree,
                     struct hf_policy *policy, struct hf_diagnostics *diagnostics);

/* Writes a tree that was judged valid. The caller frees *bytes. False where it could not be written: noted. */
bool hf_format_write(enum hf_format format, const struct hf_tree *tree, char **bytes, size_t *length,
                     struct hf_diagnostics *diagnostics);

#endif
