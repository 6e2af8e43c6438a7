/* Replacing names in text, at the borders of words and of paths. */
#include "report/neutral.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hf_names_add(struct hf_names *names, const char *from, const char *to, bool path)
{
    char *copy;

    if (!from || !*from || names->count == sizeof(names->items) / sizeof(names->items[0]))
        return;
    copy = strdup(from);
    if (copy)
        names->items[names->count++] = (struct hf_name){.from = copy, .to = to, .path = path};
}

void hf_names_free(struct hf_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i].from);
    names->count = 0;
}

static bool is_in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A character that goes on with a path's component. */
static bool is_in_component(char c)
{
    return is_in_word(c) || c == '.' || c == '-';
}

/* The length of the name where it stands at text[at], else 0. */
static size_t match(const struct hf_name *name, const char *text, size_t length, size_t at)
{
    bool (*const goes_on)(char) = name->path ? is_in_component : is_in_word;
    const size_t size = strlen(name->from);

    if (size > length - at || memcmp(text + at, name->from, size) != 0)
        return 0;
    if (at > 0 && (goes_on(text[at - 1]) || (name->path && text[at - 1] == '/')))
        return 0;
    return at + size < length && goes_on(text[at + size]) ? 0 : size;
}

static const struct hf_name *find(const struct hf_names *names, const char *text, size_t length, size_t at,
                                  size_t *size)
{
    const struct hf_name *found = NULL;

    *size = 0;
    for (size_t i = 0; i < names->count; i++) {
        const size_t matched = match(&names->items[i], text, length, at);

        if (matched > *size) {
            *size = matched;
            found = &names->items[i];
        }
    }
    return found;
}

bool hf_names_cover(const struct hf_names *names, const char *path)
{
    size_t size;
    const struct hf_name *found = find(names, path, strlen(path), 0, &size);

    return found && found->path;
}

char *hf_neutral(const struct hf_names *names, const char *text, size_t length)
{
    char *result = NULL;
    size_t result_length, size;
    FILE *stream = open_memstream(&result, &result_length);

    if (!stream)
        return NULL;
    for (size_t at = 0; at < length; at += size) {
        const struct hf_name *name = find(names, text, length, at, &size);

        if (name) {
            fputs(name->to, stream);
            continue;
        }
        size = 1;
        if (text[at] == '$' && at + 1 < length && text[at + 1] == '{')
            fputs("${DOLLAR}", stream);
        else
            fputc(text[at], stream);
    }
    if (fclose(stream) == 0)
        return result;
    free(result);
    return NULL;
}
