/* A length counted down, or chunks taken apart byte by byte but for their data. */
#include "proxy/body.h"

#define SIZE_DIGITS_MAX 15 /* no chunk is longer than 2^60 */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_digit(struct hf_body *body, char c)
{
    const int value = hex_value(c);

    if (value < 0 || body->digits == SIZE_DIGITS_MAX)
        return false;
    body->left = body->left * 16 + (unsigned)value;
    body->digits++;
    body->next = HF_BODY_SIZE_OR_CR;
    return true;
}

static bool expect(struct hf_body *body, char c, char wanted, enum hf_body_next next)
{
    body->next = next;
    return c == wanted;
}

/* One byte of what stands around the data. */
static bool step(struct hf_body *body, char c)
{
    switch (body->next) {
    case HF_BODY_SIZE:
        body->left = body->digits = 0;
        return take_digit(body, c);
    case HF_BODY_SIZE_OR_CR:
        return c == '\r' ? expect(body, c, '\r', HF_BODY_SIZE_LF) : take_digit(body, c);
    case HF_BODY_SIZE_LF:
        return expect(body, c, '\n', body->left ? HF_BODY_DATA : HF_BODY_LAST_CR);
    case HF_BODY_DATA_CR:
        return expect(body, c, '\r', HF_BODY_DATA_LF);
    case HF_BODY_DATA_LF:
        return expect(body, c, '\n', HF_BODY_SIZE);
    case HF_BODY_LAST_CR:
        return expect(body, c, '\r', HF_BODY_LAST_LF);
    case HF_BODY_LAST_LF:
        return expect(body, c, '\n', HF_BODY_END);
    default:
        return false;
    }
}

bool hf_body_take(struct hf_body *body, const char *bytes, size_t length, size_t *taken)
{
    size_t at = 0;

    *taken = 0;
    while (at < length && body->next != HF_BODY_END) {
        if (body->next == HF_BODY_DATA || body->next == HF_BODY_DATA_BY_LENGTH) {
            const size_t some = body->left < length - at ? (size_t)body->left : length - at;

            at += some;
            body->left -= some;
            if (!body->left)
                body->next = body->next == HF_BODY_DATA ? HF_BODY_DATA_CR : HF_BODY_END;
        } else if (!step(body, bytes[at++])) {
            return false;
        }
    }
    *taken = at;
    return true;
}
