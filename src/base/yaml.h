/* Writing YAML: a value at a time, the failure of any of them told at the end. */
#ifndef HF_BASE_YAML_H
#define HF_BASE_YAML_H

#include <stdbool.h>
#include <stdio.h>
#include <yaml.h>

struct hf_yaml {
    yaml_emitter_t emitter;
    bool failed;
};

void hf_yaml_begin(struct hf_yaml *yaml, FILE *stream);
/* False where anything could not be written: no room, no memory, or text that is not UTF-8. */
bool hf_yaml_end(struct hf_yaml *yaml);

/* A flow map or list stands on one line. */
void hf_yaml_map(struct hf_yaml *yaml, bool flow);
void hf_yaml_map_end(struct hf_yaml *yaml);
void hf_yaml_list(struct hf_yaml *yaml, bool flow);
void hf_yaml_list_end(struct hf_yaml *yaml);
void hf_yaml_text(struct hf_yaml *yaml, const char *text);
/* Any bytes of UTF-8; quoted with escapes for what YAML could not hold as it is. */
void hf_yaml_scalar(struct hf_yaml *yaml, const char *text, size_t length, bool quoted);
/* Text of several lines, as they are. */
void hf_yaml_lines(struct hf_yaml *yaml, const char *text);
/* A key and its text; nothing where that is NULL. */
void hf_yaml_entry(struct hf_yaml *yaml, const char *key, const char *text);

#endif
