/* A policy's tree as YAML. */
#ifndef HF_POLICY_EMIT_H
#define HF_POLICY_EMIT_H

#include "policy/node.h"

/* What is written is read as the same tree again, but for its places. False where it could not be written. */
bool hf_policy_emit(const struct hf_tree *tree, FILE *stream);

#endif
