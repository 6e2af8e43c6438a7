/* The head of a server's answer (RFC 9112 section 4). Pure. */
#ifndef HF_PROXY_ANSWER_H
#define HF_PROXY_ANSWER_H

#include "proxy/body.h"
#include "proxy/head.h"

#define HF_ANSWER_LIMIT 16384

struct hf_answer {
    int status;
    size_t length;     /* of the head, its empty line included */
    bool is_interim;   /* another one follows (1xx) */
    bool is_websocket; /* from here on it is no HTTP any more (101) */
    bool until_end;    /* the body ends with the connection; else */
    struct hf_body body;
    bool is_last;      /* nothing comes after it on this connection */
    const char *reason;
};

/* Judges what has come of the answer to a request (`to_head`: to a HEAD): as strictly as requests are, so that client and proxy
 * agree on where it ends. */
enum hf_head_result hf_answer_parse(const char *bytes, size_t length, bool to_head, struct hf_answer *answer);

#endif
