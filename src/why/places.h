/* Changing the lists that a policy has, in the lines where they stand. */
#ifndef HF_WHY_PLACES_H
#define HF_WHY_PLACES_H

#include "why/change.h"
#include "why/lines.h"

/* Adds paths to the lists that are there, and takes those that become read_write out of read_only, since none may be in
 * both. False where a list is not written in a way that this knows, or memory is out. */
bool hf_places_change(struct hf_lines *lines, const struct hf_policy *policy, const struct hf_change *change);

/* The byte at a column, which counts characters; NULL where there is none. */
const char *hf_places_column(const struct hf_line *line, unsigned column);

/* Writes paths with commas between them. */
void hf_places_write(const char *const *paths, size_t count, FILE *stream);

#endif
