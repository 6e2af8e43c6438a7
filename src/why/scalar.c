#include "why/scalar.h"

#include <string.h>

#include "base/utf8.h"

bool hf_scalar_possible(const char *path)
{
    const unsigned char *at = (const unsigned char *)path;
    size_t left = strlen(path);

    while (left) {
        unsigned character;
        const size_t length = hf_utf8_decode(at, left, &character);

        if (length == 0 || character < 0x20 || (character >= 0x7f && character < 0xa0))
            return false;
        at += length;
        left -= length;
    }
    return true;
}

/* A path begins with a slash, by which it is a string; these need no quotes anywhere in a plain one. */
static bool is_plain(const char *path)
{
    return path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+@%=~-")] == '\0';
}

void hf_scalar_write(const char *path, FILE *stream)
{
    const bool plain = is_plain(path);

    fputs(plain ? "" : "\"", stream);
    for (const char *at = path; *at; at++) {
        if (*at == '"' || *at == '\\')
            fputc('\\', stream);
        fputc(*at, stream);
    }
    fputs(plain ? "" : "\"", stream);
}
