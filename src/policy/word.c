/* Readers of words out of a list, which stands in the key's row. */
#include "policy/value.h"

#include "policy/check.h"

#include <string.h>

static size_t count_words(const struct hf_row *row)
{
    size_t count = 0;

    while (count < HF_WORDS_MAX && row->words[count])
        count++;
    return count;
}

/* "a", "a or b", "a, b or c" */
static void list_words(const struct hf_row *row, char *text, size_t size)
{
    const size_t count = count_words(row);

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(text);

        snprintf(text + used, size - used, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", row->words[i]);
    }
}

/* The word's place in the list, or -1 having noted the fault. */
static int find_word(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row)
{
    const size_t count = count_words(row);
    const char *nearest;
    char known[160];

    list_words(row, known, sizeof(known));
    if (value->kind < HF_NODE_BOOLEAN && !hf_expect(faults, value, HF_NODE_STRING, row->key, known))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (hf_node_is(value, row->words[i]))
            return (int)i;
    nearest = hf_nearest(value->text, row->words, count);
    hf_fault(faults, value->pos, "unknown value %s for '%s': it is %s%s%s%s",
             hf_quote(value->text, value->length).text, row->key, known, nearest ? " (did you mean '" : "",
             nearest ? nearest : "", nearest ? "'?)" : "");
    return -1;
}

void hf_read_word(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    (void)target;
    find_word(faults, value, row);
}

void hf_read_protocol(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    enum hf_protocol *field = hf_field(target, row->value);

    if (find_word(faults, value, row) >= 0)
        *field = hf_node_is(value, "rest") ? HF_PROTOCOL_REST : HF_PROTOCOL_OTHER;
}

void hf_read_access(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    static const enum hf_preset meanings[] = {HF_PRESET_READ_ONLY, HF_PRESET_READ_WRITE, HF_PRESET_FULL};
    enum hf_preset *field = hf_field(target, row->value);
    const int word = find_word(faults, value, row);

    if (word < 0)
        return;
    *field = meanings[word];
    hf_keep_pos(value, row, target);
}

void hf_read_enforcement(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    bool *is_audited = hf_field(target, row->value);

    *is_audited = find_word(faults, value, row) >= 0 && hf_node_is(value, "audit");
}

void hf_read_tls(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    enum hf_tls_mode *field = hf_field(target, row->value);

    if (find_word(faults, value, row) < 0)
        return;
    *field = hf_node_is(value, "terminate") ? HF_TLS_TERMINATE : HF_TLS_THROUGH;
    hf_keep_pos(value, row, target);
}

void hf_read_compatibility(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row,
                           void *target)
{
    static const enum hf_compatibility meanings[] = {HF_COMPATIBILITY_BEST_EFFORT, HF_COMPATIBILITY_HARD_REQUIREMENT};
    enum hf_compatibility *field = hf_field(target, row->value);
    const int word = find_word(faults, value, row);

    if (word < 0)
        return;
    *field = meanings[word];
    hf_keep_pos(value, row, target);
}
