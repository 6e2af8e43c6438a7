#include "base/yaml_path.h"

#include <string.h>

#include "base/utf8.h"

/* The length of the character at `at`; 0 where it is none, or must not reach a terminal. */
static size_t character_at(const char *at, size_t left)
{
    unsigned character;
    const size_t length = hf_utf8_decode((const unsigned char *)at, left, &character);

    return length && hf_utf8_is_harmless(character) ? length : 0;
}

bool hf_scalar_possible(const char *path)
{
    size_t left = strlen(path), length = 1;

    for (; left && length; left -= length) {
        length = character_at(path, left);
        path += length;
    }
    return left == 0;
}

void hf_scalar_show(const char *text, FILE *stream)
{
    for (size_t left = strlen(text); left;) {
        const size_t length = character_at(text, left), written = length ? length : 1;

        if (length)
            fwrite(text, 1, length, stream);
        else
            fprintf(stream, "\\x%02x", (unsigned char)*text);
        text += written;
        left -= written;
    }
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
