/* Lines that end in CRLF, and fields whose name ends at the colon. */
#include "proxy/field.h"

bool hf_is_token(struct hf_span text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!hf_is_digit(text.at[i]) && !hf_is_alpha(text.at[i]) && !memchr("!#$%&'*+-.^_`|~", text.at[i], 15))
            return false;
    return text.length > 0;
}

struct hf_span hf_line_take(struct hf_span *rest)
{
    const char *end = memchr(rest->at, '\r', rest->length);
    struct hf_span line = {rest->at, (size_t)(end - rest->at)};

    rest->at = end + 2;
    rest->length -= line.length + 2;
    return line;
}

struct hf_span hf_word_take(struct hf_span *line, char separator)
{
    const char *end = memchr(line->at, separator, line->length);
    struct hf_span word = {line->at, end ? (size_t)(end - line->at) : line->length};
    size_t used = word.length + (end ? 1 : 0);

    line->at += used;
    line->length -= used;
    return word;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct hf_span hf_trim(struct hf_span text)
{
    while (text.length && is_blank(text.at[0]))
        text = (struct hf_span){text.at + 1, text.length - 1};
    while (text.length && is_blank(text.at[text.length - 1]))
        text.length--;
    return text;
}

const char *hf_field_take(struct hf_span *rest, struct hf_field *field)
{
    struct hf_span line = hf_line_take(rest);
    const char *colon;

    if (is_blank(line.at[0]))
        return "a folded header line";
    colon = memchr(line.at, ':', line.length);
    if (!colon)
        return "a header line without a colon";
    field->name = hf_word_take(&line, ':');
    field->value = hf_trim(line);
    return hf_is_token(field->name) ? NULL : "a header name with a space or another character that no name has";
}
