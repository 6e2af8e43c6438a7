/* What the opened rules grant on a file. */
#ifndef HF_ENFORCE_GRANTS_H
#define HF_ENFORCE_GRANTS_H

#include "enforce/prepare.h"

/* The access on what `path` leads to: the union over it and all directories above it; 0 where it is not there. */
uint64_t hf_granted(const struct hf_prepared *prepared, const char *path);

#endif
