/* Fields of the cell list and of its results: percent-encoded as in RFC 3986, section 2.1, so that a line is fields
 * between single spaces whatever bytes they hold. An empty field is written %00. */
#ifndef HF_VM_ENCODE_H
#define HF_VM_ENCODE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* Decodes in place and ends with a NUL. The length of what came out, or -1 for a % without two hexadecimal digits. */
ssize_t decode_field(char *field);

void encode_field(FILE *out, const void *bytes, size_t length);

#endif
