/* From the tree to YAML. A scalar is quoted wherever it would be read as another kind, or is not plain ASCII. */
#include "policy/emit.h"

#include <string.h>

#include "base/yaml.h"
#include "policy/scalar.h"

static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < 0x20 || text[i] == 0x7f) /* char is signed: above ASCII it is below 0 */
            return false;
    return hf_scalar_kind(text, length) == HF_NODE_STRING && strcmp(text, "<<") != 0;
}

static void emit(struct hf_yaml *yaml, const struct hf_node *node)
{
    if (node->key)
        hf_yaml_scalar(yaml, node->key->text, node->key->length, !is_plain(node->key->text, node->key->length));
    switch (node->kind) {
    case HF_NODE_MAP:
        hf_yaml_map(yaml, false);
        for (const struct hf_node *value = node->first; value; value = value->next)
            emit(yaml, value);
        hf_yaml_map_end(yaml);
        return;
    case HF_NODE_LIST:
        hf_yaml_list(yaml, false);
        for (const struct hf_node *item = node->first; item; item = item->next)
            emit(yaml, item);
        hf_yaml_list_end(yaml);
        return;
    case HF_NODE_STRING:
        hf_yaml_scalar(yaml, node->text, node->length, !is_plain(node->text, node->length));
        return;
    case HF_NODE_NULL:
        hf_yaml_scalar(yaml, "null", 4, false);
        return;
    default:
        hf_yaml_scalar(yaml, node->text, node->length, false);
    }
}

bool hf_policy_emit(const struct hf_tree *tree, FILE *stream)
{
    struct hf_yaml yaml;

    hf_yaml_begin(&yaml, stream);
    emit(&yaml, tree->root);
    return hf_yaml_end(&yaml);
}
