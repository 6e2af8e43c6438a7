/* Patterns of `binaries`. Pure. */
#ifndef HF_WHO_GLOB_H
#define HF_WHO_GLOB_H

#include <stdbool.h>

bool hf_glob_is(const char *pattern);

/* True where the pattern covers the whole path: * is any text without a slash, ** any text; all else is itself. */
bool hf_glob_match(const char *pattern, const char *path);

#endif
