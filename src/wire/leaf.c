/* Strings, numbers and booleans of a message as nodes. */
#include "wire/leaf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "policy/scalar.h"

struct hf_pos hf_place(struct hf_reading *reading, const char *format, ...)
{
    struct hf_policy *policy = reading->faults->policy;
    struct hf_pos pos = {.line = ++reading->values, .field = ""};
    char name[HF_FIELD_BYTES], **grown;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(name, sizeof(name), format, arguments);
    va_end(arguments);
    grown = hf_grow(reading->faults, policy->fields, policy->field_count, sizeof(*grown));
    if (!grown)
        return pos;
    policy->fields = grown;
    grown[policy->field_count] = hf_copy(reading->faults, name, strlen(name));
    if (grown[policy->field_count])
        pos.field = grown[policy->field_count++];
    return pos;
}

static bool add(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, enum hf_node_kind kind,
                struct hf_bytes text)
{
    struct hf_node *node = hf_tree_add(reading->tree, reading->faults, parent, kind, pos);

    if (!node)
        return false;
    node->text = hf_copy(reading->faults, (const char *)text.at, text.left);
    node->length = text.left;
    return node->text != NULL;
}

static bool add_word(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, enum hf_node_kind kind,
                     const char *word)
{
    return add(reading, parent, pos, kind, (struct hf_bytes){(const unsigned char *)word, strlen(word)});
}

bool hf_leaf_broken(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos)
{
    return hf_tree_add(reading->tree, reading->faults, parent, HF_NODE_BROKEN, pos) != NULL;
}

bool hf_leaf_is_utf8(struct hf_reading *reading, struct hf_bytes bytes, struct hf_pos pos)
{
    unsigned character;

    for (size_t at = 0, size; at < bytes.left; at += size) {
        size = hf_utf8_decode(bytes.at + at, bytes.left - at, &character);
        if (size == 0) {
            hf_fault(reading->faults, pos, "byte 0x%02x is not valid UTF-8: write the text as UTF-8", bytes.at[at]);
            return false;
        }
    }
    return true;
}

bool hf_leaf_text(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, struct hf_bytes bytes)
{
    if (!hf_leaf_is_utf8(reading, bytes, pos))
        return hf_leaf_broken(reading, parent, pos);
    return add(reading, parent, pos, HF_NODE_STRING, bytes);
}

bool hf_leaf_number(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, ProtobufCType type,
                    uint64_t number)
{
    char text[24];

    if (type == PROTOBUF_C_TYPE_BOOL && number <= 1)
        return add_word(reading, parent, pos, HF_NODE_BOOLEAN, number ? "true" : "false");
    snprintf(text, sizeof(text), "%" PRIu64, number);
    return add_word(reading, parent, pos, HF_NODE_INTEGER, text);
}

/* What is no number, as infinity is, becomes text, for the schema to refuse. */
bool hf_leaf_double(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, struct hf_bytes bytes)
{
    char text[40];
    double number;

    memcpy(&number, bytes.at, sizeof(number)); /* little endian, as x86-64 is */
    snprintf(text, sizeof(text), "%.15g", number);
    return add_word(reading, parent, pos, hf_scalar_kind(text, strlen(text)), text);
}

/* A number is text here, and must be what a plain scalar of YAML would have to be. */
static bool add_number_text(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos,
                            enum hf_node_kind kind, struct hf_bytes bytes)
{
    const struct hf_node as = {.kind = kind};
    struct hf_node *node;

    if (!hf_leaf_text(reading, parent, pos, bytes))
        return false;
    node = reading->tree->newest;
    if (node->kind == HF_NODE_STRING && hf_scalar_kind(node->text, node->length) == kind) {
        node->kind = kind;
    } else if (node->kind == HF_NODE_STRING) {
        hf_fault(reading->faults, pos, "%s is not %s", hf_quote(node->text, node->length).text, hf_node_kind_name(&as));
        node->kind = HF_NODE_BROKEN;
    }
    return true;
}

bool hf_leaf_value(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, const struct hf_piece *piece)
{
    switch (piece->field) {
    case HOLDFAST__VALUE__KIND_INTEGER:
        return add_number_text(reading, parent, pos, HF_NODE_INTEGER, piece->bytes);
    case HOLDFAST__VALUE__KIND_FRACTION:
        return add_number_text(reading, parent, pos, HF_NODE_FLOAT, piece->bytes);
    case HOLDFAST__VALUE__KIND_TEXT:
        return hf_leaf_text(reading, parent, pos, piece->bytes);
    case HOLDFAST__VALUE__KIND_NULL:
        if (piece->number == 1)
            return add_word(reading, parent, pos, HF_NODE_NULL, "null");
        break;
    default:
        if (piece->number <= 1)
            return hf_leaf_number(reading, parent, pos, PROTOBUF_C_TYPE_BOOL, piece->number);
    }
    hf_fault(reading->faults, pos, "%" PRIu64 " is no boolean%s", piece->number,
             piece->field == HOLDFAST__VALUE__KIND_NULL ? " that is true, as a null has it" : "");
    return hf_leaf_broken(reading, parent, pos);
}
