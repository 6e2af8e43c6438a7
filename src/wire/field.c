/* One way to name, and the same way to find. */
#include "wire/field.h"

#include <stdio.h>
#include <string.h>

#define PLAIN_MAX 64

struct hf_field_part hf_field_of_key(const char *above, const char *key, size_t length)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    struct hf_field_part part;
    size_t odd = 0;

    while (odd < length && key[odd] && strchr(plain, key[odd]))
        odd++;
    if (odd && odd == length && odd <= PLAIN_MAX)
        snprintf(part.text, sizeof(part.text), "%s%.*s", above[0] ? "." : "", (int)length, key);
    else
        snprintf(part.text, sizeof(part.text), "[%s]", hf_quote(key, length).text);
    return part;
}

/* What is left of `field` behind the part, or NULL where it is another one's. */
static const char *behind(const char *field, const char *part)
{
    const size_t length = strlen(part);

    if (strncmp(field, part, length) != 0)
        return NULL;
    field += length;
    return *field == '\0' || *field == '.' || *field == '[' ? field : NULL;
}

static const struct hf_node *step(const struct hf_node *node, bool is_top, const char **field)
{
    char number[16];
    unsigned index = 0;

    for (const struct hf_node *inner = node->first; inner; inner = inner->next, index++) {
        const char *rest;

        if (node->kind == HF_NODE_MAP) {
            rest = behind(*field, hf_field_of_key(is_top ? "" : ".", inner->key->text, inner->key->length).text);
        } else {
            snprintf(number, sizeof(number), "[%u]", index);
            rest = behind(*field, number);
        }
        if (!rest)
            continue;
        *field = rest;
        return inner;
    }
    return NULL;
}

struct hf_pos hf_field_find(const struct hf_tree *tree, const char *field)
{
    const struct hf_node *node = tree->root;
    struct hf_pos pos = {.line = 0};
    bool is_top = true;

    while (*field && node && (node->kind == HF_NODE_MAP || node->kind == HF_NODE_LIST)) {
        node = step(node, is_top, &field);
        if (node)
            pos = node->key ? node->key->pos : node->pos;
        is_top = false;
    }
    return pos;
}
