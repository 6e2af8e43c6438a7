/* A policy as a tree: mappings, lists and scalars, each node with its place in the file or message. */
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

/* Reads a tree from `length` bytes of one format; false where there is none that could be judged, which is a fault. */
typedef bool hf_tree_reader(struct hf_tree *tree, struct hf_faults *faults, const char *bytes, size_t length);

/* Adds a node: as the root where `parent` is NULL, else as the list's next item, or as the key or the value that the
 * mapping awaits. NULL having noted why not. */
struct hf_node *hf_tree_add(struct hf_tree *tree, struct hf_faults *faults, struct hf_node *parent,
                            enum hf_node_kind kind, struct hf_pos pos);

/* Notes and marks the repeated keys of a mapping that is complete. False where memory is out. */
bool hf_map_check(struct hf_faults *faults, const struct hf_node *map);

void hf_tree_free(struct hf_tree *tree);

/* "a list", "nothing", ...: what the node is, for messages. */
const char *hf_node_kind_name(const struct hf_node *node);

bool hf_node_is(const struct hf_node *node, const char *text);

/* The value of a key in a mapping, or NULL. */
const struct hf_node *hf_node_find(const struct hf_node *map, const char *key);

#endif
