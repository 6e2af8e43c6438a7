/* The list of faults: kept sorted while it grows, bounded, printed one a line. */
#include "policy/fault.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a quoted text before it is cut. Each takes at most 4 ("\x1b") of hf_quoted.text. */
#define QUOTE_BYTES 64

void *hf_grow(struct hf_faults *faults, void *items, size_t count, size_t size)
{
    void *grown = items;

    /* Doubled whenever the count is a power of two, so that no capacity has to be kept beside it. */
    if ((count & (count - 1)) == 0)
        grown = reallocarray(items, count ? count * 2 : 1, size);
    if (!grown)
        faults->out_of_memory = true;
    return grown;
}

char *hf_copy(struct hf_faults *faults, const char *text, size_t length)
{
    char *copy = malloc(length + 1);

    if (!copy) {
        faults->out_of_memory = true;
        return NULL;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

static bool is_after(struct hf_pos a, struct hf_pos b)
{
    return a.line > b.line || (a.line == b.line && a.column > b.column);
}

void hf_fault(struct hf_faults *faults, struct hf_pos pos, const char *format, ...)
{
    struct hf_diagnostics *list = faults->list;
    struct hf_diagnostic *grown;
    char *message = NULL, *field = NULL;
    va_list arguments;
    size_t at;
    int printed;

    if (list->count > HF_FAULTS_MAX)
        return;
    va_start(arguments, format);
    if (list->count == HF_FAULTS_MAX)
        printed = asprintf(&message, "more than %d faults: the rest is not listed", HF_FAULTS_MAX);
    else
        printed = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (printed < 0) {
        faults->out_of_memory = true;
        return;
    }
    if (pos.field && pos.field[0] && !(field = hf_copy(faults, pos.field, strlen(pos.field)))) {
        free(message);
        return;
    }
    pos.field = NULL; /* which ends with the policy */
    grown = hf_grow(faults, list->items, list->count, sizeof(*grown));
    if (!grown) {
        free(message);
        free(field);
        return;
    }
    list->items = grown;
    at = list->count++;
    if (at == HF_FAULTS_MAX)
        pos = grown[at - 1].pos;
    for (; at > 0 && is_after(grown[at - 1].pos, pos); at--)
        grown[at] = grown[at - 1];
    grown[at] = (struct hf_diagnostic){.pos = pos, .field = field, .message = message};
}

/* Length of a character that must not reach a terminal: C0, DEL, C1, line separators and the marks that reorder text
 * (U+2028 to U+202E, U+2066 to U+2069); 0 for a harmless one. The text is valid UTF-8, see encoding.c. */
static size_t harmful(const unsigned char *at, size_t left)
{
    if (at[0] < 0x20 || at[0] == 0x7f)
        return 1;
    if (left >= 2 && at[0] == 0xc2 && at[1] < 0xa0)
        return 2;
    if (left >= 3 && at[0] == 0xe2 && ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
                                       (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9)))
        return 3;
    return 0;
}

struct hf_quoted hf_quote(const char *text, size_t length)
{
    struct hf_quoted quoted;
    const unsigned char *bytes = (const unsigned char *)text;
    size_t end = length, used = 0;

    if (end > QUOTE_BYTES) {
        end = QUOTE_BYTES;
        while (end > 0 && (bytes[end] & 0xc0) == 0x80) /* not in the middle of a character */
            end--;
    }
    quoted.text[used++] = '\'';
    for (size_t i = 0; i < end;) {
        size_t bad = harmful(bytes + i, end - i);

        if (!bad)
            quoted.text[used++] = text[i++];
        for (; bad > 0; bad--, i++)
            used += (size_t)snprintf(quoted.text + used, sizeof(quoted.text) - used, "\\x%02x", bytes[i]);
    }
    snprintf(quoted.text + used, sizeof(quoted.text) - used, "%s'", end < length ? "..." : "");
    return quoted;
}

void hf_diagnostics_print(const struct hf_diagnostics *diagnostics, const char *file, FILE *stream)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct hf_diagnostic *item = &diagnostics->items[i];

        if (item->pos.column)
            fprintf(stream, "%s:%u:%u: %s\n", file, item->pos.line, item->pos.column, item->message);
        else
            fprintf(stream, "%s%s%s: %s\n", file, item->field ? ":" : "", item->field ? item->field : "",
                    item->message);
    }
}

void hf_diagnostics_free(struct hf_diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        free(diagnostics->items[i].field);
        free(diagnostics->items[i].message);
    }
    free(diagnostics->items);
    *diagnostics = (struct hf_diagnostics){0};
}
