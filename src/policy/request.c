/* Readers of rules for requests. */
#include "policy/request.h"

#include <string.h>

#include "policy/value.h"

#define PATTERN_BYTES 1024

/* Where what is there stands, be it read or not: it is not missing then. */
static void keep_place(const struct hf_node *map, const char *key, struct hf_text *text)
{
    const struct hf_node *value = map ? hf_node_find(map, key) : NULL;

    if (value)
        text->pos = value->pos;
}

void hf_read_rules(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    struct hf_request_rules *rules = hf_field(target, row->value);

    rules->given = true;
    rules->pos = value->key->pos;
    if (!hf_expect(faults, value, HF_NODE_LIST, row->key, "a list of mappings"))
        return;
    for (const struct hf_node *item = value->first; item; item = item->next) {
        struct hf_request_rule *grown = hf_grow(faults, rules->items, rules->count, sizeof(*grown));
        const struct hf_node *request;

        if (!grown)
            return;
        rules->items = grown;
        grown += rules->count++;
        *grown = (struct hf_request_rule){.pos = item->pos};
        hf_section_read(faults, row->section, item, grown);
        request = row->section == HF_SECTION_RULE ? hf_node_find(item, "allow") : item;
        keep_place(request, "method", &grown->method);
        keep_place(request, "path", &grown->path);
    }
}

/* A text of one line; `what` is what it is a pattern of. */
static bool read_pattern(struct hf_faults *faults, const struct hf_node *value, const char *what, struct hf_text *text)
{
    text->pos = value->pos;
    if (!hf_expect(faults, value, HF_NODE_STRING, what, "a string"))
        return false;
    for (size_t i = 0; i < value->length; i++) {
        const unsigned char byte = (unsigned char)value->text[i];

        if (byte >= 0x20 && byte != 0x7f)
            continue;
        hf_fault(faults, value->pos, "the text has a control character (0x%02x) in it: %s", byte,
                 hf_quote(value->text, value->length).text);
        return false;
    }
    if (value->length > PATTERN_BYTES) {
        hf_fault(faults, value->pos, "the text is longer than %d bytes: %s", PATTERN_BYTES,
                 hf_quote(value->text, value->length).text);
        return false;
    }
    text->text = hf_copy(faults, value->text, value->length);
    return text->text;
}

void hf_read_pattern(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    if (value->kind == HF_NODE_STRING && value->length == 0)
        hf_fault(faults, value->pos, "the text is empty");
    else
        read_pattern(faults, value, row->key, hf_field(target, row->value));
}

static void add_value(struct hf_faults *faults, const struct hf_node *value, struct hf_query *query)
{
    struct hf_text *grown = hf_grow(faults, query->values, query->value_count, sizeof(*grown));

    if (!grown)
        return;
    query->values = grown;
    grown[query->value_count] = (struct hf_text){0};
    if (read_pattern(faults, value, "a value of the query", &grown[query->value_count]))
        query->value_count++;
}

static void read_any(struct hf_faults *faults, const struct hf_node *map, struct hf_query *query)
{
    for (const struct hf_node *value = map->first; value; value = value->next) {
        if (value->is_repeated || value->key->kind != HF_NODE_STRING)
            continue;
        if (!hf_node_is(value->key, "any")) {
            hf_fault(faults, value->key->pos, "unknown key %s for a parameter of 'query': write a string, or 'any' and a "
                                              "list of them", hf_quote(value->key->text, value->key->length).text);
            continue;
        }
        if (!hf_expect(faults, value, HF_NODE_LIST, "any", "a list of strings"))
            continue;
        if (!value->first)
            hf_fault(faults, value->pos, "'any' is empty: list what the parameter may be");
        for (const struct hf_node *item = value->first; item; item = item->next)
            add_value(faults, item, query);
    }
    if (!map->first)
        hf_fault(faults, map->pos, "'any' is missing: list what the parameter may be");
}

void hf_read_queries(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    struct hf_request_rule *rule = target;

    if (!hf_expect(faults, value, HF_NODE_MAP, row->key, "a mapping from parameters to values"))
        return;
    if (!value->first)
        hf_fault(faults, value->pos, "'%s' is empty: name the parameters that are looked at, or leave it out", row->key);
    for (const struct hf_node *item = value->first; item; item = item->next) {
        struct hf_query *grown;

        if (item->is_repeated || item->key->kind != HF_NODE_STRING ||
            !hf_check_text(faults, item->key, "the name of a parameter"))
            continue;
        grown = hf_grow(faults, rule->queries, rule->query_count, sizeof(*grown));
        if (!grown)
            return;
        rule->queries = grown;
        grown += rule->query_count++;
        *grown = (struct hf_query){.name = hf_copy(faults, item->key->text, item->key->length)};
        if (strchr(item->key->text, '['))
            hf_fault(faults, item->key->pos, "a parameter is named without brackets: %s is meant with brackets as well",
                     hf_quote(item->key->text, strcspn(item->key->text, "[")).text);
        if (item->kind == HF_NODE_MAP)
            read_any(faults, item, grown);
        else
            add_value(faults, item, grown);
    }
}
