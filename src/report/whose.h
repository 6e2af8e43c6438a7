/* Whose machine this is: the names that a capture leaves out. */
#ifndef HF_REPORT_WHOSE_H
#define HF_REPORT_WHOSE_H

#include "report/neutral.h"

/* The caller's name, the one behind sudo, the host's, and the homes of both. */
void hf_whose(struct hf_names *names);

/* A path that every Linux machine has, so that it names nobody. */
bool hf_whose_nobody(const char *path);

#endif
