/* Status line, fields, framing. Values may have bytes that are no ASCII, which servers send in file names. */
#include "proxy/answer.h"

#include <string.h>

#include "proxy/framing.h"

static enum hf_head_result refuse(struct hf_answer *answer, const char *reason)
{
    answer->reason = reason;
    return HF_HEAD_REFUSED;
}

static enum hf_head_result scan(const char *bytes, size_t length, struct hf_answer *answer)
{
    const size_t limit = length < HF_ANSWER_LIMIT ? length : HF_ANSWER_LIMIT;

    for (size_t i = 0; i < limit; i++) {
        const unsigned char c = (unsigned char)bytes[i];

        if (c == '\n') {
            if (i == 0 || bytes[i - 1] != '\r')
                return refuse(answer, "a line of its head ends in LF without CR");
            if (i >= 3 && bytes[i - 2] == '\n') {
                answer->length = i + 1;
                return HF_HEAD_DONE;
            }
        } else if (i > 0 && bytes[i - 1] == '\r') {
            return refuse(answer, "a CR without LF in its head");
        } else if ((c < 0x20 && c != '\r' && c != '\t') || c == 0x7f) {
            return refuse(answer, "a control byte in its head");
        }
    }
    return length >= HF_ANSWER_LIMIT ? refuse(answer, "its head is over 16384 bytes") : HF_HEAD_MORE;
}

/* "HTTP/1.1 200 " and any words, or none. */
static bool parse_status(struct hf_span line, struct hf_answer *answer, bool *is_http_1_0)
{
    const char *at = line.at;

    if (line.length < 12 || memcmp(at, "HTTP/1.", 7) || (at[7] != '0' && at[7] != '1') || at[8] != ' ')
        return false;
    for (size_t i = 9; i < 12; i++) {
        if (!hf_is_digit(at[i]))
            return false;
        answer->status = answer->status * 10 + (at[i] - '0');
    }
    *is_http_1_0 = at[7] == '0';
    return answer->status >= 100 && answer->status < 600 && (line.length == 12 || at[12] == ' ');
}

struct fields {
    struct hf_span content_length, transfer_encoding;
    bool closes, keeps, to_websocket;
};

static void note_connection(struct hf_span list, struct fields *fields)
{
    while (list.length) {
        const struct hf_span word = hf_trim(hf_word_take(&list, ','));

        fields->closes = fields->closes || hf_is_word(word, "close");
        fields->keeps = fields->keeps || hf_is_word(word, "keep-alive");
    }
}

static const char *note(const struct hf_field *field, struct fields *fields)
{
    struct hf_span *slot = hf_is_word(field->name, "content-length")      ? &fields->content_length
                           : hf_is_word(field->name, "transfer-encoding") ? &fields->transfer_encoding
                                                                          : NULL;

    if (slot && slot->at)
        return "two lengths";
    if (slot)
        *slot = field->value;
    if (hf_is_word(field->name, "connection"))
        note_connection(field->value, fields);
    if (hf_is_word(field->name, "upgrade"))
        fields->to_websocket = hf_is_word(field->value, "websocket");
    return NULL;
}

/* RFC 9110 section 6.4.1: a length in its head is then that of another answer. */
static bool has_no_body(int status, bool to_head)
{
    return status < 200 || status == 204 || status == 304 || to_head;
}

static const char *frame(const struct fields *fields, bool is_http_1_0, bool to_head, struct hf_answer *answer)
{
    const char *reason = hf_framing_parse(fields->content_length, fields->transfer_encoding, is_http_1_0, &answer->body);

    if (reason)
        return reason;
    answer->is_interim = answer->status < 200 && answer->status != 101;
    answer->is_websocket = answer->status == 101 && fields->to_websocket;
    if (answer->status == 101 && !fields->to_websocket)
        return "another protocol, and not the one that was asked for";
    if (has_no_body(answer->status, to_head)) {
        /* Some would read a body there all the same. */
        if (answer->status < 200 && answer->body.next != HF_BODY_END)
            return "a length of what has no body";
        answer->body = (struct hf_body){HF_BODY_END, 0, 0};
    } else {
        answer->until_end = !fields->content_length.at && !fields->transfer_encoding.at;
    }
    answer->is_last = answer->until_end || fields->closes || (is_http_1_0 && !fields->keeps);
    return NULL;
}

enum hf_head_result hf_answer_parse(const char *bytes, size_t length, bool to_head, struct hf_answer *answer)
{
    enum hf_head_result result;
    struct fields fields = {0};
    struct hf_span rest, line;
    bool is_http_1_0 = false;
    const char *reason = NULL;

    memset(answer, 0, sizeof(*answer));
    result = scan(bytes, length, answer);
    if (result != HF_HEAD_DONE)
        return result;
    rest = (struct hf_span){bytes, answer->length};
    line = hf_line_take(&rest);
    if (!parse_status(line, answer, &is_http_1_0))
        return refuse(answer, "its first line is no status line of HTTP/1");
    while (!reason && rest.length > 2) {
        struct hf_field field;

        reason = hf_field_take(&rest, &field);
        if (!reason)
            reason = note(&field, &fields);
    }
    if (!reason)
        reason = frame(&fields, is_http_1_0, to_head, answer);
    return reason ? refuse(answer, reason) : HF_HEAD_DONE;
}
