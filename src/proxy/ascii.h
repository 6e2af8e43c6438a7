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

/* Without regard to case; strncasecmp(3) would ask the locale. */
static inline bool hf_same_word(struct hf_span one, struct hf_span other)
{
    if (one.length != other.length)
        return false;
    for (size_t i = 0; i < one.length; i++)
        if (hf_lower(one.at[i]) != hf_lower(other.at[i]))
            return false;
    return true;
}

static inline bool hf_is_word(struct hf_span text, const char *word)
{
    return hf_same_word(text, (struct hf_span){word, strlen(word)});
}

#endif
