/* From a message to the tree. A function that returns false has noted a fault after which nothing more is read. */
#include "wire/leaf.h"

#include <string.h>

#include "wire/field.h"

static bool read_inside(struct hf_reading *reading, const ProtobufCMessageDescriptor *message, struct hf_bytes bytes,
                        struct hf_node *node);

static bool damaged(struct hf_reading *reading, struct hf_pos pos, const char *problem)
{
    hf_fault(reading->faults, pos, "not a policy message: %s", problem);
    return false;
}

static void unknown_field(struct hf_reading *reading, struct hf_pos pos, const ProtobufCMessageDescriptor *message,
                          const struct hf_piece *piece)
{
    hf_fault(reading->faults, pos, "unknown field %u in %s: take it out", piece->field, message->short_name);
}

static struct hf_pos place_of_key(struct hf_reading *reading, const struct hf_node *map, struct hf_bytes key)
{
    const char *above = map->pos.field;

    return hf_place(reading, "%s%s", above, hf_field_of_key(above, (const char *)key.at, key.left).text);
}

/* A mapping or list, as the value of `parent` or as its next item. */
static bool read_container(struct hf_reading *reading, const ProtobufCMessageDescriptor *message, struct hf_bytes bytes,
                           struct hf_node *parent, struct hf_pos pos)
{
    const enum hf_node_kind kind = hf_shape_of(message) == HF_SHAPE_LIST ? HF_NODE_LIST : HF_NODE_MAP;
    struct hf_node *node;
    bool read;

    if (reading->depth == HF_DEPTH_MAX) {
        hf_fault(reading->faults, pos, "nested deeper than %d levels", HF_DEPTH_MAX);
        return false;
    }
    node = hf_tree_add(reading->tree, reading->faults, parent, kind, pos);
    if (!node)
        return false;
    reading->depth++;
    read = read_inside(reading, message, bytes, node);
    reading->depth--;
    return read && (kind == HF_NODE_LIST || hf_map_check(reading->faults, node));
}

/* The one field that a Value has. */
static bool read_value(struct hf_reading *reading, struct hf_bytes bytes, struct hf_node *parent, struct hf_pos pos)
{
    const ProtobufCFieldDescriptor *field;
    struct hf_piece piece;
    const char *problem;

    if (!bytes.left) {
        hf_fault(reading->faults, pos, "a value without a kind: write null if it is to be nothing");
        return hf_leaf_broken(reading, parent, pos);
    }
    problem = hf_piece_take(&bytes, &piece);
    if (problem)
        return damaged(reading, pos, problem);
    field = hf_wire_field(&holdfast__value__descriptor, piece.field);
    if (!field || bytes.left || piece.type != hf_wire_type_of(field)) {
        hf_fault(reading->faults, pos, "a value has one of the kinds that are known, and no other field");
        return hf_leaf_broken(reading, parent, pos);
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return read_container(reading, field->descriptor, piece.bytes, parent, pos);
    return hf_leaf_value(reading, parent, pos, &piece);
}

static bool read_one(struct hf_reading *reading, const ProtobufCFieldDescriptor *field, const struct hf_piece *piece,
                     struct hf_node *parent, struct hf_pos pos)
{
    if (piece->type != hf_wire_type_of(field)) {
        hf_fault(reading->faults, pos, "expected wire type %d, got %u: write it as policy.proto has it",
                 hf_wire_type_of(field), piece->type);
        return hf_leaf_broken(reading, parent, pos);
    }
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return hf_leaf_text(reading, parent, pos, piece->bytes);
    if (field->type == PROTOBUF_C_TYPE_DOUBLE)
        return hf_leaf_double(reading, parent, pos, piece->bytes);
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return hf_leaf_number(reading, parent, pos, field->type, piece->number);
    if (field->descriptor == &holdfast__value__descriptor)
        return read_value(reading, piece->bytes, parent, pos);
    return read_container(reading, field->descriptor, piece->bytes, parent, pos);
}

static bool add_keyed(struct hf_reading *reading, struct hf_bytes key, const ProtobufCFieldDescriptor *field,
                      const struct hf_piece *piece, struct hf_node *map)
{
    const struct hf_pos pos = place_of_key(reading, map, key);

    if (!key.left)
        hf_fault(reading->faults, pos, "empty key");
    return (key.left ? hf_leaf_text(reading, map, pos, key) : hf_leaf_broken(reading, map, pos)) &&
           read_one(reading, field, piece, map, pos);
}

static bool read_field(struct hf_reading *reading, const ProtobufCMessageDescriptor *message,
                       const struct hf_piece *piece, struct hf_node *map)
{
    const ProtobufCFieldDescriptor *field = hf_wire_field(message, piece->field);

    if (!field) {
        unknown_field(reading, map->pos, message, piece);
        return true;
    }
    return add_keyed(reading, (struct hf_bytes){(const unsigned char *)field->name, strlen(field->name)}, field, piece,
                     map);
}

/* One that is not there is the empty one: so are maps defined ("Maps" in protobuf's language guide). */
static bool read_entry(struct hf_reading *reading, const ProtobufCMessageDescriptor *entry, struct hf_bytes bytes,
                       struct hf_node *map)
{
    struct hf_piece parts[2] = {{.type = HF_WIRE_BYTES}, {.type = HF_WIRE_BYTES}}; /* key, value */
    bool seen[2] = {false, false};

    while (bytes.left) {
        struct hf_piece piece;
        const char *problem = hf_piece_take(&bytes, &piece);

        if (problem)
            return damaged(reading, map->pos, problem);
        if (piece.field > 2) {
            unknown_field(reading, map->pos, entry, &piece);
            continue;
        }
        if (seen[piece.field - 1] || (piece.field == 1 && piece.type != HF_WIRE_BYTES))
            return damaged(reading, map->pos, "an entry of a map has one key, which is a string, and one value");
        seen[piece.field - 1] = true;
        parts[piece.field - 1] = piece;
    }
    if (!hf_leaf_is_utf8(reading, parts[0].bytes, map->pos))
        return true;
    return add_keyed(reading, parts[0].bytes, hf_wire_field(entry, 2), &parts[1], map);
}

static bool read_item(struct hf_reading *reading, const ProtobufCFieldDescriptor *field, const struct hf_piece *piece,
                      struct hf_node *list, unsigned *index)
{
    struct hf_piece item = {.type = HF_WIRE_VARINT};
    struct hf_bytes packed = piece->bytes;

    if (hf_wire_type_of(field) != HF_WIRE_VARINT || piece->type != HF_WIRE_BYTES)
        return read_one(reading, field, piece, list, hf_place(reading, "%s[%u]", list->pos.field, (*index)++));
    while (packed.left) { /* several numbers in one field, which a writer may choose */
        const char *problem = hf_varint_take(&packed, &item.number);

        if (problem)
            return damaged(reading, list->pos, problem);
        if (!read_one(reading, field, &item, list, hf_place(reading, "%s[%u]", list->pos.field, (*index)++)))
            return false;
    }
    return true;
}

static bool read_inside(struct hf_reading *reading, const ProtobufCMessageDescriptor *message, struct hf_bytes bytes,
                        struct hf_node *node)
{
    const enum hf_shape shape = hf_shape_of(message);
    const ProtobufCFieldDescriptor *only = &message->fields[0]; /* of a list or map */
    unsigned index = 0;
    bool read = true;

    while (bytes.left && read) {
        struct hf_piece piece;
        const char *problem = hf_piece_take(&bytes, &piece);

        if (problem)
            return damaged(reading, node->pos, problem);
        if (shape == HF_SHAPE_SECTION)
            read = read_field(reading, message, &piece, node);
        else if (piece.field != only->id)
            unknown_field(reading, node->pos, message, &piece);
        else if (shape == HF_SHAPE_LIST)
            read = read_item(reading, only, &piece, node, &index);
        else if (piece.type == HF_WIRE_BYTES)
            read = read_entry(reading, only->descriptor, piece.bytes, node);
        else
            return damaged(reading, node->pos, "an entry of a map is a message");
    }
    return read;
}

bool hf_wire_tree(struct hf_tree *tree, struct hf_faults *faults, const char *bytes, size_t length)
{
    struct hf_reading reading = {.tree = tree, .faults = faults};
    const struct hf_bytes all = {(const unsigned char *)bytes, length};

    return read_container(&reading, &holdfast__policy__descriptor, all, NULL, hf_place(&reading, "%s", ""));
}
