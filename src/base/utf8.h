/* UTF-8 by RFC 3629. */
#ifndef HF_BASE_UTF8_H
#define HF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* One character: no overlong forms, no surrogates. Returns its length, 0 when it is not valid. `left` is at least 1. */
size_t hf_utf8_decode(const unsigned char *at, size_t left, unsigned *character);

/* Whether it may reach a terminal: no C0, DEL, C1, line separator or mark that reorders text (U+2028 to U+202E, U+2066 to
 * U+2069). */
bool hf_utf8_is_harmless(unsigned character);

#endif
