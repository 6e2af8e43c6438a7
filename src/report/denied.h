/* What the proxy denied, for a person. */
#ifndef HF_REPORT_DENIED_H
#define HF_REPORT_DENIED_H

#include <stdio.h>

#include "proxy/tally.h"

/* Prints each place with its count, the reason, and what to add to the policy; then the same of what an audit let through.
 * Nothing where nothing was denied. */
void hf_denied_print(const struct hf_tally *tally, FILE *stream);

#endif
