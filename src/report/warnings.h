/* The warnings of a start, one call of the sink each. */
#ifndef HF_REPORT_WARNINGS_H
#define HF_REPORT_WARNINGS_H

#include "report/report.h"

typedef void hf_warning_sink(void *to, const char *text);

/* `text` is the sink's for the call only. */
void hf_warnings_each(const struct hf_plan *plan, const struct hf_prepared *prepared, const char *policy,
                      hf_warning_sink *sink, void *to);

#endif
