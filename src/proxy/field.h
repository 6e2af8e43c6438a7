/* The lines of a request's head, one after another (RFC 9112 section 5). Pure. */
#ifndef HF_PROXY_FIELD_H
#define HF_PROXY_FIELD_H

#include "proxy/ascii.h"

struct hf_field {
    struct hf_span name;
    struct hf_span value; /* without the blanks around it */
};

/* RFC 9110 section 5.6.2. */
bool hf_is_token(struct hf_span text);

/* Takes one line off the front, without its CRLF, which must be there. */
struct hf_span hf_line_take(struct hf_span *rest);

/* Takes what stands in front of the first `separator` off the front, and that one with it. */
struct hf_span hf_word_take(struct hf_span *line, char separator);

/* Takes a field off the front. NULL, or the reason against it. */
const char *hf_field_take(struct hf_span *rest, struct hf_field *field);

/* Without blanks and tabs at both ends. */
struct hf_span hf_trim(struct hf_span text);

#endif
