/* From bytes to a policy, whatever format they are in: one schema, and so one set of faults, for all of them. */
#ifndef HF_POLICY_JUDGE_H
#define HF_POLICY_JUDGE_H

#include "policy/node.h"

/* Reads and judges. Returns true and fills *policy; on any fault false, *policy is empty, and *diagnostics has them
 * all. The caller frees *tree, *policy and *diagnostics in either case. */
bool hf_policy_judge(const char *bytes, size_t length, hf_tree_reader *read, struct hf_tree *tree,
                     struct hf_policy *policy, struct hf_diagnostics *diagnostics);

#endif
