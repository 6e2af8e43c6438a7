/* A head of fixed size, and strings with their NULs. */
#include "control/message.h"

#include <stdlib.h>
#include <string.h>

/* What both sides mean by it: another number where that changes. */
static const char magic[] = {'h', 'f', 1};

void hf_control_head_write(enum hf_control_kind kind, size_t length, char head[static HF_CONTROL_HEAD])
{
    const uint32_t number = (uint32_t)length;

    memcpy(head, magic, sizeof(magic));
    head[sizeof(magic)] = (char)kind;
    memcpy(head + sizeof(magic) + 1, &number, sizeof(number));
}

bool hf_control_head_read(const char head[static HF_CONTROL_HEAD], enum hf_control_kind *kind, size_t *length)
{
    uint32_t number;

    memcpy(&number, head + sizeof(magic) + 1, sizeof(number));
    *kind = (enum hf_control_kind)head[sizeof(magic)];
    *length = number;
    return memcmp(head, magic, sizeof(magic)) == 0 && number <= HF_CONTROL_MAX;
}

char *hf_control_reasons_write(const struct hf_diagnostics *reasons, size_t *length)
{
    size_t size = 1;
    char *bytes;

    for (size_t i = 0; i < reasons->count; i++)
        size += strlen(reasons->items[i].message) + (reasons->items[i].field ? strlen(reasons->items[i].field) : 0) + 2;
    bytes = malloc(size);
    *length = 0;
    for (size_t i = 0; bytes && i < reasons->count; i++) {
        const char *const parts[] = {reasons->items[i].field ? reasons->items[i].field : "", reasons->items[i].message};
        const size_t both = strlen(parts[0]) + strlen(parts[1]) + 2;

        if (both > HF_CONTROL_MAX - *length)
            break;
        memcpy(bytes + *length, parts[0], strlen(parts[0]) + 1);
        memcpy(bytes + *length + strlen(parts[0]) + 1, parts[1], strlen(parts[1]) + 1);
        *length += both;
    }
    return bytes;
}

bool hf_control_reasons_read(char *bytes, size_t length, void (*take)(void *context, char *field, char *text), void *context)
{
    while (length) {
        char *text = memchr(bytes, '\0', length);
        char *end;

        if (!text++)
            return false;
        end = memchr(text, '\0', length - (size_t)(text - bytes));
        if (!end)
            return false;
        length -= (size_t)(end + 1 - bytes);
        take(context, bytes, text);
        bytes = end + 1;
    }
    return true;
}
