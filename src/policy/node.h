/* A policy file as a tree: the plain part of YAML (mappings, lists, scalars), each node with its place. */
#ifndef HF_POLICY_NODE_H
#define HF_POLICY_NODE_H

#include "policy/fault.h"

#define HF_NODES_MAX 65536 /* keys and values in a file */
#define HF_DEPTH_MAX 16    /* mappings and lists inside of one another; the schema needs 7 */

enum hf_node_kind {
    HF_NODE_BROKEN, /* already reported: to be passed over in silence */
    HF_NODE_MAP,
    HF_NODE_LIST,
    HF_NODE_NULL,
    HF_NODE_BOOLEAN,
    HF_NODE_INTEGER,
    HF_NODE_FLOAT,
    HF_NODE_STRING,
};

struct hf_node {
    enum hf_node_kind kind;
    struct hf_pos pos;
    char *text; /* of a scalar; `length` bytes and a NUL, with NULs inside where the file has "\0" */
    size_t length;
    struct hf_node *key;   /* of a value in a mapping */
    struct hf_node *first; /* of a mapping or list: its values */
    struct hf_node *last;
    struct hf_node *next;    /* the next value of the same mapping or list */
    struct hf_node *pending; /* of a mapping that is being read: the key whose value is awaited */
    struct hf_node *older;   /* the node made before this one, for hf_tree_free */
    bool is_repeated;        /* the key stood earlier in the mapping (reported) */
};

struct hf_tree {
    struct hf_node *root;   /* NULL for a file without content */
    struct hf_node *newest; /* all nodes, by `older` */
    size_t count;
};

/* Reads all of it. Returns false when what there is cannot be judged (bad syntax, too deep, too many values); faults
 * that leave the rest readable (anchors, tags, repeated keys ...) are noted and the tree is made without them. */
bool hf_tree_read(struct hf_tree *tree, struct hf_faults *faults, const char *text, size_t length);
void hf_tree_free(struct hf_tree *tree);

/* "a list", "nothing", ...: what the node is, for messages. */
const char *hf_node_kind_name(const struct hf_node *node);

bool hf_node_is(const struct hf_node *node, const char *text);

/* The value of a key in a mapping, or NULL. */
const struct hf_node *hf_node_find(const struct hf_node *map, const char *key);

#endif
