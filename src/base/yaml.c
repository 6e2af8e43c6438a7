/* libyaml's emitter, in a form that needs no check a line. */
#include "base/yaml.h"

#include <string.h>

static const yaml_char_t *const no_tag = NULL;

static void emit(struct hf_yaml *yaml, yaml_event_t *event, int made)
{
    if (made && yaml->failed)
        yaml_event_delete(event); /* else the emitter's */
    else
        yaml->failed = yaml->failed || !made || !yaml_emitter_emit(&yaml->emitter, event);
}

void hf_yaml_begin(struct hf_yaml *yaml, FILE *stream)
{
    yaml_event_t event;

    yaml->failed = !yaml_emitter_initialize(&yaml->emitter);
    if (yaml->failed)
        return;
    yaml_emitter_set_output_file(&yaml->emitter, stream);
    yaml_emitter_set_unicode(&yaml->emitter, 1);
    yaml_emitter_set_width(&yaml->emitter, 120);
    emit(yaml, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(yaml, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
}

bool hf_yaml_end(struct hf_yaml *yaml)
{
    yaml_event_t event;

    emit(yaml, &event, yaml_document_end_event_initialize(&event, 1));
    emit(yaml, &event, yaml_stream_end_event_initialize(&event));
    yaml_emitter_delete(&yaml->emitter);
    return !yaml->failed;
}

void hf_yaml_map(struct hf_yaml *yaml, bool flow)
{
    const yaml_mapping_style_t style = flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE;
    yaml_event_t event;

    emit(yaml, &event, yaml_mapping_start_event_initialize(&event, NULL, no_tag, 1, style));
}

void hf_yaml_map_end(struct hf_yaml *yaml)
{
    yaml_event_t event;

    emit(yaml, &event, yaml_mapping_end_event_initialize(&event));
}

void hf_yaml_list(struct hf_yaml *yaml, bool flow)
{
    const yaml_sequence_style_t style = flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
    yaml_event_t event;

    emit(yaml, &event, yaml_sequence_start_event_initialize(&event, NULL, no_tag, 1, style));
}

void hf_yaml_list_end(struct hf_yaml *yaml)
{
    yaml_event_t event;

    emit(yaml, &event, yaml_sequence_end_event_initialize(&event));
}

static void scalar(struct hf_yaml *yaml, const char *text, size_t length, yaml_scalar_style_t style)
{
    yaml_event_t event;

    emit(yaml, &event, yaml_scalar_event_initialize(&event, NULL, no_tag, (const yaml_char_t *)text, (int)length, 1, 1,
                                                    style));
}

void hf_yaml_text(struct hf_yaml *yaml, const char *text)
{
    scalar(yaml, text, strlen(text), *text ? YAML_ANY_SCALAR_STYLE : YAML_SINGLE_QUOTED_SCALAR_STYLE);
}

void hf_yaml_scalar(struct hf_yaml *yaml, const char *text, size_t length, bool quoted)
{
    scalar(yaml, text, length, quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE);
}

void hf_yaml_lines(struct hf_yaml *yaml, const char *text)
{
    scalar(yaml, text, strlen(text), YAML_LITERAL_SCALAR_STYLE);
}

void hf_yaml_entry(struct hf_yaml *yaml, const char *key, const char *text)
{
    if (!text)
        return;
    hf_yaml_text(yaml, key);
    hf_yaml_text(yaml, text);
}
