/* Places in a text that a template's renderer was to fill. */
#ifndef HF_POLICY_PLACEHOLDER_H
#define HF_POLICY_PLACEHOLDER_H

#include "policy/node.h"

/* The forms are ${name}, {{name}} and __NAME__. */

/* False, having noted it, where a value or an item of a list still has one: read as it stands it would be a path or a
 * host that nobody meant. */
bool hf_placeholder_check(struct hf_faults *faults, const struct hf_node *value);

/* Notes the first one of a file that is no YAML, comments left out: there it is what to look at. */
void hf_placeholder_note(struct hf_faults *faults, const char *text, size_t size);

#endif
