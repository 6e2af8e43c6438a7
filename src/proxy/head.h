/* The head of a request to the proxy. Pure: bytes in, a verdict out. */
#ifndef HF_PROXY_HEAD_H
#define HF_PROXY_HEAD_H

#include "proxy/body.h"
#include "proxy/field.h"
#include "proxy/target.h"

#define HF_HEAD_LIMIT 8192
#define HF_HEAD_FIELDS 100
#define HF_HTTP_PORT 80
#define HF_HTTPS_PORT 443

enum hf_head_result {
    HF_HEAD_MORE,    /* so far so good: read on */
    HF_HEAD_DONE,    /* a whole head: all but status and reason are set */
    HF_HEAD_REFUSED, /* status and reason are set */
};

/* The spans are in the bytes that it was read from. */
struct hf_head {
    struct hf_target target;
    size_t length; /* bytes of the head, its empty line included; what follows belongs to the tunnel, or is the body */
    bool forward;  /* no CONNECT: the request is passed on, in the words of hf_forward_head */
    bool inside;   /* of a tunnel */
    bool is_last;  /* no other request comes after it on this connection (RFC 9112 section 9.3) */
    bool wants_websocket; /* it is a GET that asks for the protocol to be changed to that (RFC 6455 section 4.1) */
    struct hf_span method, version;
    struct hf_span path;   /* when forwarded: what is behind the authority, query included, or nothing */
    struct hf_span fields; /* all lines behind the first */
    struct hf_body body;   /* when forwarded */
    int status;            /* the HTTP status to refuse with */
    const char *reason;
};

/* Judges what has come so far. Everything that two parsers could read differently is refused: no line end but CRLF, no
 * folded line, no space where the grammar has none, no second Host or length, no length beside chunks, no Host that differs
 * from the address. */
enum hf_head_result hf_head_parse(const char *bytes, size_t length, struct hf_head *head);

/* The same of a request inside of a tunnel to `target`, where TLS has been taken off: in origin form, and with a Host field
 * that names the target. */
enum hf_head_result hf_head_parse_inside(const char *bytes, size_t length, const struct hf_target *target,
                                         struct hf_head *head);

#endif
