/* The tree that a policy is read as, whatever it was written in. */
#include "policy/node.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

/* Puts a node where it belongs: the root, an item of the list, or the key or value that the mapping awaits. */
static void attach(struct hf_tree *tree, struct hf_node *parent, struct hf_node *node)
{
    if (!parent) {
        tree->root = node;
        return;
    }
    if (parent->kind == HF_NODE_MAP && !parent->pending) {
        parent->pending = node;
        return;
    }
    node->key = parent->pending;
    parent->pending = NULL;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
}

struct hf_node *hf_tree_add(struct hf_tree *tree, struct hf_faults *faults, struct hf_node *parent,
                            enum hf_node_kind kind, struct hf_pos pos)
{
    struct hf_node *node;

    if (tree->count == HF_NODES_MAX) {
        hf_fault(faults, pos, "more than %d keys and values in one policy", HF_NODES_MAX);
        return NULL;
    }
    node = calloc(1, sizeof(*node));
    if (!node) {
        faults->out_of_memory = true;
        return NULL;
    }
    *node = (struct hf_node){.kind = kind, .pos = pos, .older = tree->newest};
    tree->newest = node;
    tree->count++;
    attach(tree, parent, node);
    return node;
}

static bool is_text(const struct hf_node *key)
{
    return key && key->kind == HF_NODE_STRING;
}

/* By text, equal ones by their place. */
static int compare_keys(const void *left, const void *right)
{
    const struct hf_node *a = (*(struct hf_node *const *)left)->key, *b = (*(struct hf_node *const *)right)->key;
    size_t shorter = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, shorter);

    if (order)
        return order;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    if (a->pos.line != b->pos.line)
        return a->pos.line < b->pos.line ? -1 : 1;
    return a->pos.column < b->pos.column ? -1 : a->pos.column > b->pos.column;
}

/* Sorted, not searched for each key: a file of a hundred thousand keys must not take a minute. */
bool hf_map_check(struct hf_faults *faults, const struct hf_node *map)
{
    struct hf_node **sorted;
    size_t count = 0, first = 0;

    for (struct hf_node *value = map->first; value; value = value->next)
        count += is_text(value->key);
    if (count < 2)
        return true;
    sorted = calloc(count, sizeof(*sorted));
    if (!sorted) {
        faults->out_of_memory = true;
        return false;
    }
    count = 0;
    for (struct hf_node *value = map->first; value; value = value->next)
        if (is_text(value->key))
            sorted[count++] = value;
    qsort(sorted, count, sizeof(*sorted), compare_keys);
    for (size_t i = 1; i < count; i++) {
        const struct hf_node *key = sorted[i]->key, *earlier = sorted[first]->key;

        if (key->length != earlier->length || memcmp(key->text, earlier->text, key->length) != 0) {
            first = i;
            continue;
        }
        sorted[i]->is_repeated = true;
        hf_fault(faults, key->pos, "duplicate key %s: it is %s %s already, keep one of them",
                 hf_quote(key->text, key->length).text, earlier->pos.field ? "in" : "on",
                 hf_where(earlier->pos.line, earlier->pos.field).text);
    }
    free(sorted);
    return true;
}

void hf_tree_free(struct hf_tree *tree)
{
    while (tree->newest) {
        struct hf_node *node = tree->newest;

        tree->newest = node->older;
        free(node->text);
        free(node);
    }
    *tree = (struct hf_tree){0};
}

const char *hf_node_kind_name(const struct hf_node *node)
{
    static const char *const names[] = {
        [HF_NODE_BROKEN] = "a fault",    [HF_NODE_MAP] = "a mapping",      [HF_NODE_LIST] = "a list",
        [HF_NODE_NULL] = "nothing",      [HF_NODE_BOOLEAN] = "a boolean",  [HF_NODE_INTEGER] = "an integer",
        [HF_NODE_FLOAT] = "a fraction",  [HF_NODE_STRING] = "a string",
    };

    return names[node->kind];
}

bool hf_node_is(const struct hf_node *node, const char *text)
{
    return node->text && node->length == strlen(text) && memcmp(node->text, text, node->length) == 0;
}

const struct hf_node *hf_node_find(const struct hf_node *map, const char *key)
{
    for (const struct hf_node *value = map->first; value; value = value->next)
        if (is_text(value->key) && hf_node_is(value->key, key))
            return value;
    return NULL;
}
