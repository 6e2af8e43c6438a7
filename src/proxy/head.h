/* The head of a request to the proxy, and the host and port in it. Pure: bytes in, a verdict out. */
#ifndef HF_PROXY_HEAD_H
#define HF_PROXY_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/address.h"

#define HF_HEAD_LIMIT 8192
#define HF_TARGET_HOST_SIZE 254 /* 253 characters (RFC 1035, without the last dot) and the NUL */

/* Where a client wants to go. `host` is lower case, without a last dot or brackets; an address is in its canonical text
 * and in `address` (with the port). For a name address.any.sa_family is AF_UNSPEC. */
struct hf_target {
    char host[HF_TARGET_HOST_SIZE];
    uint16_t port;
    union hf_address address;
};

enum hf_head_result {
    HF_HEAD_MORE,    /* so far so good: read on */
    HF_HEAD_DONE,    /* a whole CONNECT head: target and length are set */
    HF_HEAD_REFUSED, /* status and reason are set */
};

struct hf_head {
    struct hf_target target;
    size_t length; /* bytes of the head, its empty line included; what follows belongs to the tunnel */
    int status;    /* the HTTP status to refuse with */
    const char *reason;
};

/* Judges what has come so far. Everything that two parsers could read differently is refused: no line end but CRLF, no
 * folded line, no space where the grammar has none, no second Host, no body. */
enum hf_head_result hf_head_parse(const char *bytes, size_t length, struct hf_head *head);

/* Reads `host:port` (RFC 9110 section 7.2, authority-form) without any leniency. NULL, or the reason against it. */
const char *hf_target_parse(const char *text, size_t length, struct hf_target *target);

/* Reads a host alone: a name, an IPv4 address in four decimal parts, or with `bracketed` an IPv6 address. */
const char *hf_host_parse(const char *text, size_t length, int bracketed, struct hf_target *target);

#endif
