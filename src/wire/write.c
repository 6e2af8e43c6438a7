/* From the tree to a message: fields in the order of their numbers, so that one policy is always the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "wire/shape.h"
#include "wire/wire.h"

struct buffer {
    struct hf_faults *faults;
    char *bytes;
    size_t length;
};

static bool write_inside(struct buffer *buffer, const ProtobufCMessageDescriptor *message, const struct hf_node *node);

static bool append(struct buffer *buffer, const void *bytes, size_t length)
{
    char *grown = realloc(buffer->bytes, buffer->length + length + 1);

    if (!grown) {
        buffer->faults->out_of_memory = true;
        return false;
    }
    buffer->bytes = grown;
    memcpy(grown + buffer->length, bytes, length);
    buffer->length += length;
    return true;
}

static bool append_varint(struct buffer *buffer, uint64_t number)
{
    unsigned char bytes[10];
    size_t length = 0;

    do {
        bytes[length] = (unsigned char)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
        number >>= 7;
        length++;
    } while (number);
    return append(buffer, bytes, length);
}

static bool append_tag(struct buffer *buffer, const ProtobufCFieldDescriptor *field)
{
    return append_varint(buffer, (uint64_t)field->id << 3 | hf_wire_type_of(field));
}

static bool append_bytes(struct buffer *buffer, const ProtobufCFieldDescriptor *field, const char *bytes, size_t length)
{
    return append_tag(buffer, field) && append_varint(buffer, length) && append(buffer, length ? bytes : "", length);
}

static bool write_one(struct buffer *buffer, const ProtobufCFieldDescriptor *field, const struct hf_node *node)
{
    struct buffer inner = {.faults = buffer->faults};
    double number;
    bool written;

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return append_bytes(buffer, field, node->text, node->length);
    case PROTOBUF_C_TYPE_BOOL: /* "True" and the like are for a middleware's own configuration alone; a null is true */
        return append_tag(buffer, field) &&
               append_varint(buffer, node->kind == HF_NODE_NULL || node->text[0] == 't' || node->text[0] == 'T');
    case PROTOBUF_C_TYPE_DOUBLE:
        number = strtod(node->text, NULL);
        return append_tag(buffer, field) && append(buffer, &number, sizeof(number));
    case PROTOBUF_C_TYPE_MESSAGE:
        written = write_inside(&inner, field->descriptor, node) &&
                  append_bytes(buffer, field, inner.bytes, inner.length);
        free(inner.bytes);
        return written;
    default:
        return append_tag(buffer, field) && append_varint(buffer, strtoull(node->text, NULL, 10));
    }
}

static bool write_section(struct buffer *buffer, const ProtobufCMessageDescriptor *message, const struct hf_node *map)
{
    size_t left = 0;

    for (const struct hf_node *value = map->first; value; value = value->next)
        left++;
    for (unsigned i = 0; i < message->n_fields; i++) {
        const struct hf_node *value = hf_node_find(map, message->fields[i].name);

        if (!value)
            continue;
        left--;
        if (!write_one(buffer, &message->fields[i], value))
            return false;
    }
    if (left)
        hf_fault(buffer->faults, map->pos, "%s of policy.proto lacks a key of this", message->short_name);
    return !left;
}

static bool write_entry(struct buffer *buffer, const ProtobufCFieldDescriptor *entries, const struct hf_node *value)
{
    const ProtobufCMessageDescriptor *entry = entries->descriptor;
    struct buffer inner = {.faults = buffer->faults};
    const bool written = write_one(&inner, hf_wire_field(entry, 1), value->key) &&
                         write_one(&inner, hf_wire_field(entry, 2), value) &&
                         append_bytes(buffer, entries, inner.bytes, inner.length);

    free(inner.bytes);
    return written;
}

static bool write_value(struct buffer *buffer, const struct hf_node *node)
{
    static const uint32_t kinds[] = {
        [HF_NODE_NULL] = HOLDFAST__VALUE__KIND_NULL,       [HF_NODE_BOOLEAN] = HOLDFAST__VALUE__KIND_BOOLEAN,
        [HF_NODE_INTEGER] = HOLDFAST__VALUE__KIND_INTEGER, [HF_NODE_FLOAT] = HOLDFAST__VALUE__KIND_FRACTION,
        [HF_NODE_STRING] = HOLDFAST__VALUE__KIND_TEXT,     [HF_NODE_LIST] = HOLDFAST__VALUE__KIND_LIST,
        [HF_NODE_MAP] = HOLDFAST__VALUE__KIND_MAP,
    };

    return write_one(buffer, hf_wire_field(&holdfast__value__descriptor, kinds[node->kind]), node);
}

static bool write_inside(struct buffer *buffer, const ProtobufCMessageDescriptor *message, const struct hf_node *node)
{
    const enum hf_shape shape = hf_shape_of(message);

    if (shape == HF_SHAPE_SECTION)
        return write_section(buffer, message, node);
    if (shape == HF_SHAPE_VALUE)
        return write_value(buffer, node);
    for (const struct hf_node *item = node->first; item; item = item->next)
        if (!(shape == HF_SHAPE_LIST ? write_one(buffer, &message->fields[0], item)
                                     : write_entry(buffer, &message->fields[0], item)))
            return false;
    return true;
}

bool hf_wire_write(const struct hf_tree *tree, struct hf_faults *faults, char **bytes, size_t *length)
{
    struct buffer buffer = {.faults = faults};

    if (!write_inside(&buffer, &holdfast__policy__descriptor, tree->root)) {
        free(buffer.bytes);
        return false;
    }
    *bytes = buffer.bytes;
    *length = buffer.length;
    return true;
}
