/* What the messages of policy.proto stand for in the tree, by their descriptors. */
#ifndef HF_WIRE_SHAPE_H
#define HF_WIRE_SHAPE_H

#include "policy.pb-c.h" /* made from policy.proto by protoc-c */

enum hf_shape {
    HF_SHAPE_SECTION, /* a mapping with the keys that its fields have */
    HF_SHAPE_LIST,    /* `repeated ... items = 1` and nothing else */
    HF_SHAPE_MAP,     /* `map<string, ...> entries = 1` and nothing else */
    HF_SHAPE_VALUE,   /* Value: anything */
};

enum hf_shape hf_shape_of(const ProtobufCMessageDescriptor *message);

/* How a field is sent (protobuf's encoding, "message structure"). */
enum hf_wire_type { HF_WIRE_VARINT = 0, HF_WIRE_FIXED64 = 1, HF_WIRE_BYTES = 2, HF_WIRE_FIXED32 = 5 };

enum hf_wire_type hf_wire_type_of(const ProtobufCFieldDescriptor *field);

/* The field of this number, or NULL. */
const ProtobufCFieldDescriptor *hf_wire_field(const ProtobufCMessageDescriptor *message, uint32_t number);

#endif
