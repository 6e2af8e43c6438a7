/* Parameters as application/x-www-form-urlencoded has them (the URL standard, section 5.1). Servers differ in whose names they
 * take for the same one: a parameter is also meant by its name in other letters, and with brackets behind it. */
#include "rest/query.h"

#include "base/glob.h"
#include "base/utf8.h"
#include "proxy/field.h"
#include "rest/target.h"

/* Reads the escapes. False where one is none, or stands for NUL, or for no UTF-8. `to` has HF_REST_TARGET_MAX + 1 bytes. */
static bool unescape(struct hf_span text, bool is_plus_blank, char *to)
{
    size_t length = 0;

    if (text.length > HF_REST_TARGET_MAX)
        return false;
    while (text.length) {
        const bool is_escaped = text.at[0] == '%';
        const int byte = is_escaped ? hf_rest_escape(text) : text.at[0] == '+' && is_plus_blank ? ' ' : text.at[0];
        const size_t taken = is_escaped ? 3 : 1;

        if (byte <= 0)
            return false;
        to[length++] = (char)byte;
        text = (struct hf_span){text.at + taken, text.length - taken};
    }
    to[length] = '\0';
    for (size_t i = 0, size; i < length; i += size) {
        unsigned character;

        size = hf_utf8_decode((const unsigned char *)to + i, length - i, &character);
        if (!size)
            return false;
    }
    return true;
}

const char *hf_rest_query_problem(struct hf_span query)
{
    char text[HF_REST_TARGET_MAX + 1];

    if (!query.length)
        return NULL;
    if (memchr(query.at, ';', query.length))
        return "a ; in the query, which some servers take for an &";
    while (query.length) {
        struct hf_span value = hf_word_take(&query, '&');
        const struct hf_span name = hf_word_take(&value, '=');

        if (memchr(name.at, '+', name.length))
            return "a + in the name of a parameter, which some servers take for a blank";
        if (!unescape(name, false, text) || !unescape(value, false, text))
            return "an escape in the query that is none, or is no UTF-8";
    }
    return NULL;
}

static bool is_named(struct hf_span name, const char *wanted)
{
    char text[HF_REST_TARGET_MAX + 1];
    size_t length;

    if (!unescape(name, false, text))
        return false;
    length = strcspn(text, "[");
    return hf_is_word((struct hf_span){text, length}, wanted);
}

static bool matches_as(const struct hf_query *rule, struct hf_span value, bool is_plus_blank)
{
    char text[HF_REST_TARGET_MAX + 1];

    if (!unescape(value, is_plus_blank, text))
        return false;
    for (size_t i = 0; i < rule->value_count; i++)
        if (hf_glob_match_text(rule->values[i].text, text))
            return true;
    return false;
}

bool hf_rest_query_allows(const struct hf_query *rule, struct hf_span query)
{
    bool is_there = false;

    while (query.length) {
        struct hf_span value = hf_word_take(&query, '&');

        if (!is_named(hf_word_take(&value, '='), rule->name))
            continue;
        if (!matches_as(rule, value, false) || !matches_as(rule, value, true))
            return false;
        is_there = true;
    }
    return is_there;
}

bool hf_rest_query_has(const struct hf_query *rule, struct hf_span query)
{
    while (query.length) {
        struct hf_span value = hf_word_take(&query, '&');

        if (is_named(hf_word_take(&value, '='), rule->name) &&
            (matches_as(rule, value, false) || matches_as(rule, value, true)))
            return true;
    }
    return false;
}
