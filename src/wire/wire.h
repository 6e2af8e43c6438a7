/* A policy as a protobuf message (policy.proto): to a tree and from one. The tree is the one that YAML is read as, and
 * is judged by the same schema. */
#ifndef HF_WIRE_WIRE_H
#define HF_WIRE_WIRE_H

#include "policy/node.h"

/* Reads a message strictly, which protobuf-c's own unpacking is not: an unknown field, a second value of a field,
 * another wire type and a number that does not fit are faults here, and passed over or cut there. */
hf_tree_reader hf_wire_tree;

/* Writes a tree that was judged to be a valid policy. The caller frees *bytes. False where memory is out or a key has
 * no field, having noted it. */
bool hf_wire_write(const struct hf_tree *tree, struct hf_faults *faults, char **bytes, size_t *length);

#endif
