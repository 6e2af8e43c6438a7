/* Adding places and leaves to the tree that a message is read as. Inside of wire/ only. */
#ifndef HF_WIRE_LEAF_H
#define HF_WIRE_LEAF_H

#include "wire/piece.h"
#include "wire/shape.h"
#include "wire/wire.h"

struct hf_reading {
    struct hf_tree *tree;
    struct hf_faults *faults;
    unsigned values; /* so far, which is the order of places */
    unsigned depth;
};

/* The next place, named by what is printed. */
__attribute__((format(printf, 2, 3))) struct hf_pos hf_place(struct hf_reading *reading, const char *format, ...);

/* Those that add return false where the tree is full or memory is out. What cannot be a value is noted and added as
 * broken. */
bool hf_leaf_broken(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos);
bool hf_leaf_text(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, struct hf_bytes bytes);

/* A boolean that is neither 0 nor 1 becomes the number that it is, for the schema to refuse. */
bool hf_leaf_number(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, ProtobufCType type,
                    uint64_t number);

/* The eight bytes of a double. */
bool hf_leaf_double(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, struct hf_bytes bytes);

/* A kind of Value that is not a list or map. */
bool hf_leaf_value(struct hf_reading *reading, struct hf_node *parent, struct hf_pos pos, const struct hf_piece *piece);

/* True for UTF-8; else noted. Messages quote texts, which takes UTF-8. */
bool hf_leaf_is_utf8(struct hf_reading *reading, struct hf_bytes bytes, struct hf_pos pos);

#endif
