/* Kinds of plain scalars. YAML 1.2's core schema: `yes`, `no`, `on`, `off` are strings in it, and stay what they look
 * like where a string is wanted (the reader of booleans has a word for them). */
#include "policy/scalar.h"

#include <string.h>

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static const char *skip_digits(const char *at)
{
    return at + strspn(at, "0123456789");
}

static enum hf_node_kind number_kind(const char *at)
{
    static const char *const words[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
    const char *end;
    size_t digits;
    bool is_float;

    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'o')) {
        digits = strspn(at + 2, at[1] == 'x' ? "0123456789abcdefABCDEF" : "01234567");
        return digits > 0 && at[2 + digits] == '\0' ? HF_NODE_INTEGER : HF_NODE_STRING;
    }
    if (*at == '-' || *at == '+')
        at++;
    if (is_one_of(at, words, sizeof(words) / sizeof(words[0])))
        return HF_NODE_FLOAT;
    end = skip_digits(at);
    digits = (size_t)(end - at);
    is_float = *end == '.';
    if (is_float) {
        at = end + 1;
        end = skip_digits(at);
        digits += (size_t)(end - at);
    }
    if (digits == 0)
        return HF_NODE_STRING;
    if (*end == 'e' || *end == 'E') {
        is_float = true;
        at = end + 1 + (end[1] == '-' || end[1] == '+');
        end = skip_digits(at);
        if (end == at)
            return HF_NODE_STRING;
    }
    if (*end != '\0')
        return HF_NODE_STRING;
    return is_float ? HF_NODE_FLOAT : HF_NODE_INTEGER;
}

enum hf_node_kind hf_scalar_kind(const char *text, size_t length)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    static const char *const booleans[] = {"true", "True", "TRUE", "false", "False", "FALSE"};

    if (strlen(text) != length)
        return HF_NODE_STRING;
    if (is_one_of(text, nulls, sizeof(nulls) / sizeof(nulls[0])))
        return HF_NODE_NULL;
    if (is_one_of(text, booleans, sizeof(booleans) / sizeof(booleans[0])))
        return HF_NODE_BOOLEAN;
    return number_kind(text);
}
