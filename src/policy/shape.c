/* Readers of what is not enforced yet: it must have the shape that it will be read by, and nothing of it is kept. */
#include "policy/value.h"

#include <stdlib.h>
#include <string.h>

void hf_read_anything(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    (void)faults;
    (void)value;
    (void)row;
    (void)target;
}

void hf_read_text(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    (void)target;
    if (hf_expect(faults, value, HF_NODE_STRING, row->key, "a string"))
        hf_check_text(faults, value, "the text");
}

void hf_read_texts(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    if (!hf_expect(faults, value, HF_NODE_LIST, row->key, "a list of strings"))
        return;
    for (const struct hf_node *item = value->first; item; item = item->next)
        hf_read_text(faults, item, row, target);
}

void hf_read_flag(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    const struct hf_row at_start = {.key = row->key};
    enum hf_tristate dropped;

    (void)target;
    hf_read_boolean(faults, value, &at_start, &dropped);
}

void hf_read_count(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    (void)target;
    if (hf_expect(faults, value, HF_NODE_INTEGER, row->key, "a whole number") &&
        (strspn(value->text, "0123456789") != value->length || value->length > 10 ||
         strtoull(value->text, NULL, 10) > UINT32_MAX))
        hf_fault(faults, value->pos, "%s is not a number for '%s': write it in decimal, from 0 to 4294967295",
                 hf_quote(value->text, value->length).text, row->key);
}

void hf_read_named_sections(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row,
                            void *target)
{
    (void)target;
    if (!hf_expect(faults, value, HF_NODE_MAP, row->key, "a mapping of mappings"))
        return;
    for (const struct hf_node *item = value->first; item; item = item->next)
        if (!item->is_repeated && item->key->kind == HF_NODE_STRING &&
            hf_check_text(faults, item->key, "a key of this mapping"))
            hf_section_read(faults, row->section, item, NULL);
}
