/* What became of a run: the outcome, the warnings, the exit status, and the JSON document that programs read. */
#ifndef HF_REPORT_REPORT_H
#define HF_REPORT_REPORT_H

#include "launch/launch.h"

struct hf_result {
    const char *policy;                 /* the policy file's name, or NULL */
    const char *format;                 /* what it is written in; static */
    bool found;                         /* it was not named, and is the one of this machine */
    const struct hf_plan *plan;         /* NULL when it came to none */
    const struct hf_prepared *prepared; /* NULL when nothing was prepared */
    const struct hf_diagnostics *diagnostics;
    bool started;
    struct hf_exit ended; /* counts when started */
    struct hf_hits hits;
    struct hf_error error; /* counts when not started */
};

/* "started", "degraded", "refused" or "exec-failed". */
const char *hf_result_outcome(const struct hf_result *result);

/* The exit status of `holdfast run`: 125, 126, 127, 124, 128+n or the command's. */
int hf_result_status(const struct hf_result *result);

/* What a person must be told before the command runs: a line for everything weaker than the policy asks. */
void hf_warnings_print(const struct hf_plan *plan, const struct hf_prepared *prepared, const char *policy, FILE *stream);

/* Which policy was taken: its file, what it is written in, whether it was named; null for the empty one. */
json_t *hf_source_json(const struct hf_result *result);

/* Writes the report to `fd`, which was opened for it. */
bool hf_report_write(const struct hf_result *result, int fd, struct hf_error *error);

#endif
