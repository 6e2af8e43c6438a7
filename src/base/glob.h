/* Patterns of `binaries` and of request rules. Pure. */
#ifndef HF_BASE_GLOB_H
#define HF_BASE_GLOB_H

#include <stdbool.h>

bool hf_glob_is(const char *pattern);

/* True where the pattern covers the whole path: * is any text without a slash, ** any text; all else is itself. */
bool hf_glob_match(const char *pattern, const char *path);

/* The same where ASCII letters are taken for each other in either case. */
bool hf_glob_match_any_case(const char *pattern, const char *path);

/* hf_glob_match of a text that is no path: * is any text, slashes too. */
bool hf_glob_match_text(const char *pattern, const char *text);

#endif
