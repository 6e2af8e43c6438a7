/* Where a client wants to go: the host and port of a request. Pure. */
#ifndef HF_PROXY_TARGET_H
#define HF_PROXY_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/address.h"

#define HF_TARGET_HOST_SIZE 254 /* 253 characters (RFC 1035, without the last dot) and the NUL */

/* `host` is lower case, without a last dot or brackets; an address is in its canonical text and in `address` (with the
 * port). For a name address.any.sa_family is AF_UNSPEC. */
struct hf_target {
    char host[HF_TARGET_HOST_SIZE];
    uint16_t port;
    union hf_address address;
};

/* Reads `host:port` (RFC 9110 section 7.2, authority-form) without any leniency. NULL, or the reason against it. */
const char *hf_target_parse(const char *text, size_t length, struct hf_target *target);

/* The same where the port may be left out, colon and all, and is then `port`. */
const char *hf_target_parse_with(const char *text, size_t length, uint16_t port, struct hf_target *target);

#endif
