/* What a request asks for, in the one form that rules look at and a server gets. Pure. */
#ifndef HF_REST_TARGET_H
#define HF_REST_TARGET_H

#include <stddef.h>

#include "proxy/ascii.h"

#define HF_REST_TARGET_MAX 8192

struct hf_rest_target {
    char wire[HF_REST_TARGET_MAX + 1]; /* path and query, as they go to the server; ASCII without blanks */
    size_t length;
    size_t path_length;                /* of it, without the query and its '?' */
    char path[HF_REST_TARGET_MAX + 1]; /* the path with every escape read, for patterns */
    struct hf_span query;              /* in `wire`, without the '?'; at NULL where there is none */
};

/* Reads a target in origin form ("/a/b?c=d"; nothing and "?c=d" are of "/"), or "*". Escapes of what needs none are read, dot
 * segments taken out, slashes in a row made one (RFC 3986 section 6.2.2). Returns NULL, or the reason against it: what one
 * server would read otherwise than another is refused, and so is what no address has. */
const char *hf_rest_target_read(struct hf_span text, struct hf_rest_target *target);

/* The same as it came, for what is only told of: `path` is empty. False where it is none that a request line can have. */
bool hf_rest_target_keep(struct hf_span text, struct hf_rest_target *target);

/* The value of the escape that `text` begins with, or -1. */
int hf_rest_escape(struct hf_span text);

#endif
