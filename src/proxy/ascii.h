/* Characters as ASCII has them, whatever the locale. */
#ifndef HF_PROXY_ASCII_H
#define HF_PROXY_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Bytes of somebody else's buffer. */
struct hf_span {
    const char *at;
    size_t length;
};

static inline bool hf_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool hf_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char hf_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* `word` is in lower case. */
static inline bool hf_is_word(struct hf_span text, const char *word)
{
    size_t length = strlen(word);

    if (text.length != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (hf_lower(text.at[i]) != word[i])
            return false;
    return true;
}

#endif
