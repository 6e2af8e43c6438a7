/* A policy file's YAML as a tree. */
#ifndef HF_POLICY_YAML_H
#define HF_POLICY_YAML_H

#include "policy/node.h"

/* Reads all of it. Returns false when what there is cannot be judged (bad syntax, too deep, too many values); faults
 * that leave the rest readable (anchors, tags, repeated keys ...) are noted and the tree is made without them. */
hf_tree_reader hf_yaml_tree;

#endif
