/* Taking bytes apart, with every length checked against what is left. */
#include "wire/piece.h"

#include "wire/shape.h"

static const char ends_early[] = "it ends in the middle of a field";

const char *hf_varint_take(struct hf_bytes *bytes, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned char byte;

        if (!bytes->left)
            return ends_early;
        byte = *bytes->at++;
        bytes->left--;
        if (shift == 63 && byte > 1)
            break;
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return NULL;
    }
    return "a number in it is longer than 64 bits";
}

static const char *take_bytes(struct hf_bytes *bytes, uint64_t length, struct hf_bytes *taken)
{
    if (length > bytes->left)
        return ends_early;
    *taken = (struct hf_bytes){.at = bytes->at, .left = (size_t)length};
    bytes->at += length;
    bytes->left -= (size_t)length;
    return NULL;
}

const char *hf_piece_take(struct hf_bytes *bytes, struct hf_piece *piece)
{
    uint64_t tag, length;
    const char *problem = hf_varint_take(bytes, &tag);

    *piece = (struct hf_piece){0};
    if (problem)
        return problem;
    if (tag > UINT32_MAX || tag >> 3 == 0)
        return "there is no field of such a number";
    piece->field = (uint32_t)(tag >> 3);
    piece->type = tag & 7;
    switch (piece->type) {
    case HF_WIRE_VARINT:
        return hf_varint_take(bytes, &piece->number);
    case HF_WIRE_FIXED64:
        return take_bytes(bytes, 8, &piece->bytes);
    case HF_WIRE_FIXED32:
        return take_bytes(bytes, 4, &piece->bytes);
    case HF_WIRE_BYTES:
        problem = hf_varint_take(bytes, &length);
        return problem ? problem : take_bytes(bytes, length, &piece->bytes);
    default:
        return "there is no field of such a wire type (is it a protobuf message? YAML goes by --policy)";
    }
}
