/* The schema of a policy: rows of data, and the one function that walks a mapping by them. */
#ifndef HF_POLICY_SCHEMA_H
#define HF_POLICY_SCHEMA_H

#include "policy/node.h"

enum hf_section {
    HF_SECTION_TOP,
    HF_SECTION_FILESYSTEM,
    HF_SECTION_LANDLOCK,
    HF_SECTION_PROCESS,
    HF_SECTION_LIMITS,
    HF_SECTION_RESOURCES,
    HF_SECTION_NETWORK,
    HF_SECTION_ENDPOINT,
    HF_SECTION_BINARY,
    HF_SECTION_RULE,
    HF_SECTION_REQUEST,
    HF_SECTION_MCP,
    HF_SECTION_MIDDLEWARE,
    HF_SECTION_MIDDLEWARE_HOSTS,
    HF_SECTION_COUNT,
};

#define HF_WORDS_MAX 8

struct hf_row;

/* Reads one value into the structure that its section fills. */
typedef void hf_read(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target);

/* One key: where it stands, its name, how it is read, and which field of the section's structure it fills. */
struct hf_row {
    enum hf_section in;
    const char *key;
    hf_read *read;
    size_t value;            /* offset of the field */
    size_t pos;              /* offset of the field that takes the value's place; 0: there is none */
    enum hf_section section; /* for hf_read_section and its like: what is inside */
    const char *words[HF_WORDS_MAX]; /* for a key that has one of a few words */
    const char *missing;     /* what to say when the key is not there; NULL: it may be left out */
    bool unenforced;         /* the value is read, and nothing heeds it: a start that would need it is refused */
};

/* Notes a key that cannot be enforced, in its place among the others. `key` is static. */
void hf_note_unenforced(struct hf_faults *faults, const char *key, struct hf_pos pos);

/* Reads a mapping into `target`, the structure of its section. */
void hf_section_read(struct hf_faults *faults, enum hf_section section, const struct hf_node *map, void *target);

#endif
