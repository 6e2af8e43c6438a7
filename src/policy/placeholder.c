/* A template that was not rendered is told as that, and not by the strange values or the bad YAML that it makes. */
#include "policy/placeholder.h"

#include <string.h>

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NAME UPPER "abcdefghijklmnopqrstuvwxyz0123456789_.- "

static const struct {
    const char *open;
    const char *close;
    const char *name;  /* what may stand between */
    const char *first; /* what it begins with */
} forms[] = {
    {"${", "}", NAME, NAME},
    {"{{", "}}", NAME, NAME},
    {"__", "__", UPPER "0123456789_", UPPER},
};

/* The length of the placeholder that begins at `text`, or 0. */
static size_t begins(const char *text, size_t size, const char *open, const char *close, const char *name,
                     const char *first)
{
    size_t from = strlen(open), end = strlen(close), at = from;

    if (size <= from || memcmp(text, open, from) != 0 || !text[from] || !strchr(first, text[from]))
        return 0;
    for (; at + end <= size; at++) {
        if (memcmp(text + at, close, end) == 0)
            return at + end;
        if (!text[at] || !strchr(name, text[at]))
            return 0;
    }
    return 0;
}

/* The first one, its bytes in *length, or NULL. */
static const char *find(const char *text, size_t size, size_t *length)
{
    for (size_t at = 0; at < size; at++) {
        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
            if (text[at] != forms[i].open[0])
                continue;
            *length = begins(text + at, size - at, forms[i].open, forms[i].close, forms[i].name, forms[i].first);
            if (*length)
                return text + at;
        }
    }
    return NULL;
}

static bool check_text(struct hf_faults *faults, const struct hf_node *node)
{
    size_t length = 0;
    const char *found = node->text ? find(node->text, node->length, &length) : NULL;

    if (found)
        hf_fault(faults, node->pos, "placeholder %s: fill the template in first", hf_quote(found, length).text);
    return !found;
}

bool hf_placeholder_check(struct hf_faults *faults, const struct hf_node *value)
{
    bool filled = check_text(faults, value);

    if (value->kind == HF_NODE_LIST)
        for (const struct hf_node *item = value->first; item; item = item->next)
            filled = check_text(faults, item) && filled;
    return filled;
}

static bool is_comment(const char *line, const char *end)
{
    while (line < end && *line == ' ')
        line++;
    return line < end && *line == '#';
}

static unsigned column_of(const char *line, const char *at)
{
    unsigned column = 1;

    for (; line < at; line++)
        column += ((unsigned char)*line & 0xc0) != 0x80;
    return column;
}

void hf_placeholder_note(struct hf_faults *faults, const char *text, size_t size)
{
    const char *end = text + size, *next;
    unsigned number = 1;

    for (const char *line = text; line < end; line = next, number++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line)), *found;
        size_t length = 0;

        next = stop ? stop + 1 : end;
        if (is_comment(line, next))
            continue;
        found = find(line, (size_t)(next - line), &length);
        if (found) {
            hf_fault(faults, (struct hf_pos){.line = number, .column = column_of(line, found)},
                     "placeholder %s: fill the template in first", hf_quote(found, length).text);
            return;
        }
    }
}
