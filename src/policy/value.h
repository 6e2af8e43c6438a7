/* Readers of values, one for each type that a row of the schema can have. */
#ifndef HF_POLICY_VALUE_H
#define HF_POLICY_VALUE_H

#include "policy/schema.h"

hf_read hf_read_version;
hf_read hf_read_boolean;
hf_read hf_read_compatibility;
hf_read hf_read_min_abi;
hf_read hf_read_word; /* one of the row's words; not kept */
hf_read hf_read_identity;
hf_read hf_read_name;
hf_read hf_read_paths;
hf_read hf_read_writable_paths; /* hf_read_paths, and the root is refused */
hf_read hf_read_binary_path;
hf_read hf_read_host;
hf_read hf_read_port;
hf_read hf_read_ports;
hf_read hf_read_ranges; /* see range.c */
hf_read hf_read_bound;  /* see bound.c */
hf_read hf_read_protocol;
hf_read hf_read_access;
hf_read hf_read_enforcement;
hf_read hf_read_tls;

/* Mappings and lists of them, each read by hf_section_read. */
hf_read hf_read_section;
hf_read hf_read_networks;
hf_read hf_read_endpoints;
hf_read hf_read_binaries;

/* What is not enforced yet, and not kept: see shape.c. */
hf_read hf_read_anything;
hf_read hf_read_text;
hf_read hf_read_texts;
hf_read hf_read_flag;
hf_read hf_read_count;
hf_read hf_read_named_sections;

/* True when the node is of the kind; else notes what was expected. In silence for a broken node. */
bool hf_expect(struct hf_faults *faults, const struct hf_node *value, enum hf_node_kind kind, const char *key,
               const char *what);

/* Text that people read in messages and logs: there is some, it is short, and it has no control characters. `what` says
 * in a fault what it is the text of. */
bool hf_check_text(struct hf_faults *faults, const struct hf_node *node, const char *what);

/* The field of a structure that a row fills. */
static inline void *hf_field(void *target, size_t offset)
{
    return (char *)target + offset;
}

static inline void hf_keep_pos(const struct hf_node *value, const struct hf_row *row, void *target)
{
    if (row->pos)
        *(struct hf_pos *)hf_field(target, row->pos) = value->pos;
}

#endif
