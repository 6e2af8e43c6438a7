/* The bytes of a message, a field at a time. */
#ifndef HF_WIRE_PIECE_H
#define HF_WIRE_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hf_bytes {
    const unsigned char *at;
    size_t left;
};

struct hf_piece {
    uint32_t field;
    unsigned type; /* HF_WIRE_... */
    uint64_t number; /* of a varint */
    struct hf_bytes bytes;
};

/* Takes the next field off `bytes`, of which there are some. Returns NULL, or what is wrong with them. */
const char *hf_piece_take(struct hf_bytes *bytes, struct hf_piece *piece);

/* Takes a varint off `bytes`; NULL, or what is wrong. */
const char *hf_varint_take(struct hf_bytes *bytes, uint64_t *number);

#endif
