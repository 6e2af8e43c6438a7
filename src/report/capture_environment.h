/* The environment of a captured command. */
#ifndef HF_REPORT_CAPTURE_ENVIRONMENT_H
#define HF_REPORT_CAPTURE_ENVIRONMENT_H

#include "base/yaml.h"
#include "report/neutral.h"

/* A copy of it with names replaced, NULL at the end; without what is longer than 4 KiB or not UTF-8. NULL: no memory.
 * The caller frees it with hf_environment_free. */
char **hf_environment_look(const struct hf_names *names);
void hf_environment_free(char **environment);

/* The launcher's items that give a command this environment and no other. */
void hf_environment_write(struct hf_yaml *yaml, char *const *environment);

#endif
