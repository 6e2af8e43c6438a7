/* A length or chunks, and never both. */
#include "proxy/framing.h"

#define LENGTH_DIGITS_MAX 18 /* so that the length is in 64 bits, whoever reads it */

/* 1*DIGIT without a zero in front, which is octal to some. */
static const char *parse_length(struct hf_span text, struct hf_body *body)
{
    if (!text.length || text.length > LENGTH_DIGITS_MAX || (text.at[0] == '0' && text.length > 1))
        return "a Content-Length that is no plain decimal number";
    for (size_t i = 0; i < text.length; i++) {
        if (!hf_is_digit(text.at[i]))
            return "a Content-Length that is no plain decimal number";
        body->left = body->left * 10 + (unsigned)(text.at[i] - '0');
    }
    body->next = body->left ? HF_BODY_DATA_BY_LENGTH : HF_BODY_END;
    return NULL;
}

const char *hf_framing_parse(struct hf_span content_length, struct hf_span transfer_encoding, bool is_http_1_0,
                             struct hf_body *body)
{
    if (transfer_encoding.at && content_length.at)
        return "both Content-Length and Transfer-Encoding";
    if (transfer_encoding.at) {
        if (!hf_is_word(transfer_encoding, "chunked"))
            return "a Transfer-Encoding other than chunked";
        if (is_http_1_0)
            return "a Transfer-Encoding in HTTP/1.0, which has none";
        body->next = HF_BODY_SIZE;
    }
    return content_length.at ? parse_length(content_length, body) : NULL;
}
