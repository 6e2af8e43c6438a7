/* The names of a message's values ("network_policies.api.endpoints[1].host"), and where the same value stands in YAML. */
#ifndef HF_WIRE_FIELD_H
#define HF_WIRE_FIELD_H

#include "policy/node.h"

/* What a key of a mapping adds to the name of that (`above`, which may be ""): quoted where it is no plain word. */
struct hf_field_part {
    char text[sizeof(struct hf_quoted) + 4];
};
struct hf_field_part hf_field_of_key(const char *above, const char *key, size_t length);

/* The place of the key or item with this name in a tree of YAML; where there is none, that of the nearest one around it, and
 * line 0 where there is none of these either. */
struct hf_pos hf_field_find(const struct hf_tree *tree, const char *field);

#endif
