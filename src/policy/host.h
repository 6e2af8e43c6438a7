/* What may stand as a host of an endpoint. */
#ifndef HF_POLICY_HOST_H
#define HF_POLICY_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define HF_HOST_MAX 253 /* RFC 1035, 2.3.4: 255 octets on the wire */

/* Writes the host as the runtime compares it (lower case; an IPv6 address in its short form) into `host`. Returns NULL,
 * or what is wrong with it and what to write. */
const char *hf_host_read(const char *text, size_t length, char host[HF_HOST_MAX + 1]);

#endif
