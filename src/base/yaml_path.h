/* Paths as YAML. */
#ifndef HF_BASE_YAML_PATH_H
#define HF_BASE_YAML_PATH_H

#include <stdbool.h>
#include <stdio.h>

/* Whether a policy can hold the path: UTF-8 without control characters. */
bool hf_scalar_possible(const char *path);

/* Writes a path so that it is one string, in a list of either style; quoted where it must be. */
void hf_scalar_write(const char *path, FILE *stream);

/* Writes a path, or whatever else the command chose, for a person: what is no text, or would steer a terminal, as \xNN.
 */
void hf_scalar_show(const char *text, FILE *stream);

#endif
