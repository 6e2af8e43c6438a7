/* UTF-8 by RFC 3629. */
#ifndef HF_BASE_UTF8_H
#define HF_BASE_UTF8_H

#include <stddef.h>

/* One character: no overlong forms, no surrogates. Returns its length, 0 when it is not valid. `left` is at least 1. */
size_t hf_utf8_decode(const unsigned char *at, size_t left, unsigned *character);

#endif
