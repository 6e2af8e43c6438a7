/* The list of faults: kept sorted while it grows, bounded, printed one a line. */
#include "policy/fault.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

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

bool hf_pos_is_before(struct hf_pos a, struct hf_pos b)
{
    return a.line < b.line || (a.line == b.line && a.column < b.column);
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
    for (; at > 0 && hf_pos_is_before(pos, grown[at - 1].pos); at--)
        grown[at] = grown[at - 1];
    grown[at] = (struct hf_diagnostic){.pos = pos, .field = field, .message = message};
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
    for (size_t i = 0, size; i < end; i += size) {
        unsigned character;
        const size_t decoded = hf_utf8_decode(bytes + i, end - i, &character);

        size = decoded ? decoded : 1;
        for (size_t j = 0; j < size; j++)
            if (decoded && hf_utf8_is_harmless(character))
                quoted.text[used++] = text[i + j];
            else
                used += (size_t)snprintf(quoted.text + used, sizeof(quoted.text) - used, "\\x%02x", bytes[i + j]);
    }
    snprintf(quoted.text + used, sizeof(quoted.text) - used, "%s'", end < length ? "..." : "");
    return quoted;
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
