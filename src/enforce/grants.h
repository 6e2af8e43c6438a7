/* What the opened rules grant on a file. */
#ifndef HF_ENFORCE_GRANTS_H
#define HF_ENFORCE_GRANTS_H

#include "enforce/prepare.h"

/* Whether all of `access` is granted on what `path` leads to: by the union over it and all directories above it. False where
 * it is not there. */
bool hf_granted(const struct hf_prepared *prepared, const char *path, uint64_t access);

#endif
