/* Where the body of a request ends, so that what a client writes behind it is never passed on as another request. Pure. */
#ifndef HF_PROXY_BODY_H
#define HF_PROXY_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What comes next. The first is the end; DATA_BY_LENGTH has no chunks around it. */
enum hf_body_next {
    HF_BODY_END,
    HF_BODY_DATA_BY_LENGTH,
    HF_BODY_SIZE,       /* the first digit of a chunk's size */
    HF_BODY_SIZE_OR_CR, /* another */
    HF_BODY_SIZE_LF,
    HF_BODY_DATA,
    HF_BODY_DATA_CR,
    HF_BODY_DATA_LF,
    HF_BODY_LAST_CR, /* behind the chunk of size 0: trailers are refused */
    HF_BODY_LAST_LF,
};

/* All zero: there is none. */
struct hf_body {
    enum hf_body_next next;
    unsigned digits; /* of the chunk's size so far */
    uint64_t left;   /* of the data, or of this chunk */
};

/* Goes over what has come: *taken bytes of it are the body's, and what is behind them is not. False where the chunks are not
 * as RFC 9112 section 7.1 has them, or have extensions or trailers, which two readers could take for different things. */
bool hf_body_take(struct hf_body *body, const char *bytes, size_t length, size_t *taken);

#endif
