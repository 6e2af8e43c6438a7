/* How long the body of a message is (RFC 9112 section 6). Pure. */
#ifndef HF_PROXY_FRAMING_H
#define HF_PROXY_FRAMING_H

#include "proxy/ascii.h"
#include "proxy/body.h"

/* By the values of Content-Length and Transfer-Encoding, at NULL where there is none: neither leaves *body as it is. NULL, or the
 * reason against them: nothing is taken that needs a rule to be clear. */
const char *hf_framing_parse(struct hf_span content_length, struct hf_span transfer_encoding, bool is_http_1_0,
                             struct hf_body *body);

#endif
