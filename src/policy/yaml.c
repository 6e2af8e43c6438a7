/* From YAML to a tree, by libyaml's events. Whatever makes one text mean another elsewhere in the file, or elsewhere
 * altogether (aliases, merges, tags, directives, more documents), is refused here. */
#include "policy/yaml.h"

#include "policy/encoding.h"
#include "policy/placeholder.h"
#include "policy/scalar.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define NO_ANCHORS "anchors and aliases are not allowed in a policy: write the value out"

struct building {
    struct hf_tree *tree;
    struct hf_faults *faults;
    struct hf_node *open[HF_DEPTH_MAX]; /* the mappings and lists that we are in */
    size_t depth;
    bool has_document;
};

enum step { STEP_ON, STEP_DONE, STEP_FAILED };

static struct hf_pos pos_of(yaml_mark_t mark)
{
    return (struct hf_pos){.line = (unsigned)mark.line + 1, .column = (unsigned)mark.column + 1};
}

static bool is_key_awaited(const struct building *building)
{
    const struct hf_node *parent = building->depth ? building->open[building->depth - 1] : NULL;

    return parent && parent->kind == HF_NODE_MAP && !parent->pending;
}

static struct hf_node *add(struct building *building, enum hf_node_kind kind, yaml_mark_t mark)
{
    struct hf_node *parent = building->depth ? building->open[building->depth - 1] : NULL;

    return hf_tree_add(building->tree, building->faults, parent, kind, pos_of(mark));
}

static void refuse_properties(struct building *building, yaml_mark_t mark, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
    const char *text;

    if (anchor) {
        text = (const char *)anchor;
        hf_fault(building->faults, pos_of(mark), "anchor %s: " NO_ANCHORS, hf_quote(text, strlen(text)).text);
    }
    if (tag) {
        text = (const char *)tag;
        hf_fault(building->faults, pos_of(mark), "tag %s: tags are not allowed in a policy: take it out",
                 hf_quote(text, strlen(text)).text);
    }
}

static enum step on_scalar(struct building *building, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool is_key = is_key_awaited(building);
    struct hf_node *node = add(building, HF_NODE_STRING, event->start_mark);

    if (!node)
        return STEP_FAILED;
    refuse_properties(building, event->start_mark, event->data.scalar.anchor, event->data.scalar.tag);
    node->text = hf_copy(building->faults, text, length);
    if (!node->text)
        return STEP_FAILED;
    node->length = length;
    if (is_key) {
        if (is_plain && hf_node_is(node, "<<")) {
            hf_fault(building->faults, node->pos, "merge key '<<' is not allowed in a policy: write the keys out");
            node->kind = HF_NODE_BROKEN;
        } else if (length == 0) {
            hf_fault(building->faults, node->pos, "empty key");
            node->kind = HF_NODE_BROKEN;
        }
        return STEP_ON;
    }
    if (event->data.scalar.tag)
        node->kind = HF_NODE_BROKEN; /* a tag decides the kind, and we refuse to look */
    else if (is_plain)
        node->kind = hf_scalar_kind(node->text, length);
    return STEP_ON;
}

static enum step on_start(struct building *building, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    bool is_key = is_key_awaited(building);
    struct hf_node *node;

    if (building->depth == HF_DEPTH_MAX) {
        hf_fault(building->faults, pos_of(event->start_mark), "nested deeper than %d levels", HF_DEPTH_MAX);
        return STEP_FAILED;
    }
    node = add(building, is_map ? HF_NODE_MAP : HF_NODE_LIST, event->start_mark);
    if (!node)
        return STEP_FAILED;
    if (is_map)
        refuse_properties(building, event->start_mark, event->data.mapping_start.anchor,
                          event->data.mapping_start.tag);
    else
        refuse_properties(building, event->start_mark, event->data.sequence_start.anchor,
                          event->data.sequence_start.tag);
    if (is_key)
        hf_fault(building->faults, node->pos, "a key must be text, not %s", hf_node_kind_name(node));
    building->open[building->depth++] = node;
    return STEP_ON;
}

static enum step on_document(struct building *building, const yaml_event_t *event)
{
    if (building->has_document) {
        hf_fault(building->faults, pos_of(event->start_mark),
                 "a second document: a policy file holds one, write a file for each");
        return STEP_DONE;
    }
    building->has_document = true;
    return STEP_ON;
}

static enum step on_event(struct building *building, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(building, event);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        return on_start(building, event);
    case YAML_MAPPING_END_EVENT:
        return hf_map_check(building->faults, building->open[--building->depth]) ? STEP_ON : STEP_FAILED;
    case YAML_SEQUENCE_END_EVENT:
        building->depth--;
        return STEP_ON;
    case YAML_SCALAR_EVENT:
        return on_scalar(building, event);
    case YAML_ALIAS_EVENT: {
        const char *name = (const char *)event->data.alias.anchor;

        hf_fault(building->faults, pos_of(event->start_mark), "alias %s: " NO_ANCHORS,
                 hf_quote(name, strlen(name)).text);
        return add(building, HF_NODE_BROKEN, event->start_mark) ? STEP_ON : STEP_FAILED;
    }
    case YAML_STREAM_END_EVENT:
        return STEP_DONE;
    default: /* stream start, document end, and YAML_NO_EVENT, which libyaml gives after the end only */
        return STEP_ON;
    }
}

/* Whether the character at a mark, whose index counts characters, is a tab. */
static bool is_tab(const char *text, size_t length, size_t index)
{
    size_t i = 0;

    for (; i < length; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80 && index-- == 0)
            break;
    return i < length && text[i] == '\t';
}

static void syntax_fault(struct hf_faults *faults, const yaml_parser_t *parser, const char *text, size_t length)
{
    const char *problem = parser->problem ? parser->problem : "unknown problem";
    const char *hint = "";

    if (parser->error == YAML_MEMORY_ERROR) {
        faults->out_of_memory = true;
        return;
    }
    if (parser->error == YAML_SCANNER_ERROR && is_tab(text, length, parser->problem_mark.index))
        hint = "; indent with spaces, not with tabs";
    else if (strcmp(problem, "did not find expected key") == 0)
        hint = "; indent it as far as the keys that it belongs to";
    if (parser->context)
        hf_fault(faults, pos_of(parser->problem_mark), "not valid YAML: %s (%s, from line %zu)%s", problem,
                 parser->context, parser->context_mark.line + 1, hint);
    else
        hf_fault(faults, pos_of(parser->problem_mark), "not valid YAML: %s%s", problem, hint);
}

/* Sought before libyaml sees the text: it compares each %TAG with all before it, 6 s for 1 MiB of them. Nothing else in
 * a policy can begin a line with '%': a mapping's block scalars are indented, and no plain one begins with it. */
static bool has_directive(struct hf_faults *faults, const char *text, size_t length)
{
    const char *end = text + length;
    unsigned line = 1;

    for (const char *at = text; at < end; at++, line++) {
        if (*at == '%') {
            hf_fault(faults, (struct hf_pos){.line = line, .column = 1},
                     "%% directives are not allowed in a policy: take the line out");
            return true;
        }
        at = memchr(at, '\n', (size_t)(end - at));
        if (!at)
            break;
    }
    return false;
}

bool hf_yaml_tree(struct hf_tree *tree, struct hf_faults *faults, const char *text, size_t length)
{
    struct building building = {.tree = tree, .faults = faults};
    enum step step = STEP_ON;
    yaml_parser_t parser;
    yaml_event_t event;

    if (!hf_encoding_check(faults, text, length) || has_directive(faults, text, length))
        return false;
    if (!yaml_parser_initialize(&parser)) {
        faults->out_of_memory = true;
        return false;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    while (step == STEP_ON) {
        if (!yaml_parser_parse(&parser, &event)) {
            syntax_fault(faults, &parser, text, length);
            hf_placeholder_note(faults, text, length);
            step = STEP_FAILED;
            break;
        }
        step = on_event(&building, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return step == STEP_DONE;
}
