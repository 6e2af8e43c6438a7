/* Shapes are told by the names that wrappers have in policy.proto. */
#include "wire/shape.h"

#include <string.h>

enum hf_shape hf_shape_of(const ProtobufCMessageDescriptor *message)
{
    if (message == &holdfast__value__descriptor)
        return HF_SHAPE_VALUE;
    if (message->n_fields == 1 && strcmp(message->fields[0].name, "items") == 0)
        return HF_SHAPE_LIST;
    if (message->n_fields == 1 && strcmp(message->fields[0].name, "entries") == 0)
        return HF_SHAPE_MAP;
    return HF_SHAPE_SECTION;
}

enum hf_wire_type hf_wire_type_of(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_UINT32:
        return HF_WIRE_VARINT;
    case PROTOBUF_C_TYPE_DOUBLE:
        return HF_WIRE_FIXED64;
    default:
        return HF_WIRE_BYTES;
    }
}

const ProtobufCFieldDescriptor *hf_wire_field(const ProtobufCMessageDescriptor *message, uint32_t number)
{
    for (unsigned i = 0; i < message->n_fields; i++)
        if (message->fields[i].id == number)
            return &message->fields[i];
    return NULL;
}
