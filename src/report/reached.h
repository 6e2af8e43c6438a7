/* The limits that a command has come up against. */
#ifndef HF_REPORT_REACHED_H
#define HF_REPORT_REACHED_H

#include "report/report.h"

/* A line each for a person, of those that ended the command or one of its processes, or refused it one. */
void hf_reached_print(const struct hf_result *result, FILE *stream);

/* All of them. The caller owns the reference. */
json_t *hf_reached_json(const struct hf_result *result);

#endif
