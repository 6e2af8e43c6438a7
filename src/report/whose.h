/* Whose machine this is: the names that a capture leaves out. */
#ifndef HF_REPORT_WHOSE_H
#define HF_REPORT_WHOSE_H

#include "report/neutral.h"

/* The homes of the caller and of who is behind sudo, and with `words` the names of both and of the host. */
void hf_whose(struct hf_names *names, bool words);

/* A path that every Linux machine has, so that it names nobody. */
bool hf_whose_nobody(const char *path);

#endif
