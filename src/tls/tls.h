/* TLS as the proxy needs it, behind a table of functions: what it takes lies in a shared object of its own, which the proxy's
 * process opens (dlopen(3)) only where the policy ends TLS somewhere. Linked with the runtime, OpenSSL's and nghttp2's
 * loading and relocation would be paid for by every start, of block mode too; a program of its own would need the policy and
 * the programs that it pinned handed over by a protocol. No header of OpenSSL's is needed to include this. */
#ifndef HF_TLS_TLS_H
#define HF_TLS_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/ascii.h"
#include "proxy/relay.h"

/* Of the table and all that it points to: an object that was built for another runtime is not used. */
#define HF_TLS_VERSION 3
#define HF_TLS_OBJECT "holdfast-tls.so"
#define HF_TLS_ENTRY "hf_tls_ops"

#define HF_TLS_REASON_MAX 256
#define HF_TLS_NAME_MAX 256

/* WAIT: for the socket, as its hf_end says. ENDED: the other side said that nothing more comes. FAILED: hf_tls_ops.reason. */
enum hf_tls_result { HF_TLS_DONE, HF_TLS_WAIT, HF_TLS_ENDED, HF_TLS_FAILED };

/* Application protocols (RFC 7301) that are spoken here: a set of these. */
enum hf_tls_protocol { HF_TLS_HTTP1 = 1, HF_TLS_HTTP2 = 2 };

struct hf_tls_world; /* the run's CA, the roots, the leaves made so far */
struct hf_tls;       /* one side of a connection */

/* What a client's ClientHello says. */
struct hf_tls_hello {
    char name[HF_TLS_NAME_MAX]; /* the server name, lower case; "" where there is none */
    unsigned protocols;         /* of enum hf_tls_protocol; 0 where it offers none of these */
    bool offers;                /* it offers protocols at all */
};

/* Who the other side is, or is to be: a name, or an address in its canonical text. */
struct hf_tls_place {
    const char *host;
    bool is_address;
};

/* A field of an HTTP/2 request, and what all of them say; the bytes are the session's until the judge returns. */
struct hf_http2_field {
    struct hf_span name, value;
};

struct hf_http2_request {
    struct hf_span method, scheme, authority, path; /* of the pseudo-header fields; at NULL where there is none */
    const struct hf_http2_field *fields;            /* the others */
    size_t count;
    bool is_too_large; /* what came of it is not all */
};

/* What becomes of it: `text` goes to the server as its path, or to the client as the body of an answer with `status`. */
struct hf_http2_judged {
    bool is_allowed;
    int status;
    size_t length;
    char text[8192 + 1];
};

struct hf_http2_hooks {
    void *context;
    void (*judge)(void *context, const struct hf_http2_request *request, struct hf_http2_judged *judged);
    uint64_t *up, *down; /* bytes of bodies that were passed on are added to these */
    bool is_wide; /* a megabyte may wait in each direction, not what the protocol lets in by itself */
};

struct hf_http2; /* both sides of a connection that speaks HTTP/2 */

struct hf_tls_ops {
    unsigned version;

    /* Makes the run's CA. `hosts` as in a policy: it can vouch for these alone. `roots` are certificates in PEM, by which
     * servers are judged. NULL with the reason. */
    struct hf_tls_world *(*open)(const char *const *hosts, size_t count, const char *roots, size_t length,
                                 char reason[HF_TLS_REASON_MAX]);
    /* The CA's certificate in PEM; the world's. */
    const char *(*certificate)(const struct hf_tls_world *world, size_t *length);
    void (*close)(struct hf_tls_world *world);

    /* The server's side for a client, of which `early` bytes have come already (copied). NULL: no memory. */
    struct hf_tls *(*accept)(struct hf_tls_world *world, struct hf_end *end, const char *early, size_t length);
    /* Reads the ClientHello, and no further. ENDED: the client left before it was whole. */
    enum hf_tls_result (*hello)(struct hf_tls *tls, struct hf_tls_hello *hello);
    /* Says who the server is to be, and the one protocol, or 0. Between hello and handshake. */
    bool (*answer)(struct hf_tls *tls, const struct hf_tls_place *place, unsigned protocol);
    /* Refuses the client by an alert, instead: of the name, or of the protocols. */
    void (*refuse)(struct hf_tls *tls, bool is_name);

    /* The client's side for a server that must be the one named, and know one of the protocols (0: nothing is offered). */
    struct hf_tls *(*connect)(struct hf_tls_world *world, struct hf_end *end, const struct hf_tls_place *place,
                              unsigned protocols);

    enum hf_tls_result (*handshake)(struct hf_tls *tls);
    unsigned (*protocol)(const struct hf_tls *tls); /* that was agreed on, or 0 */
    /* DONE, and nothing was got: there is more to read, which may be nothing for the caller, and others have waited enough. */
    enum hf_tls_result (*read)(struct hf_tls *tls, char *bytes, size_t size, size_t *got);
    enum hf_tls_result (*write)(struct hf_tls *tls, const char *bytes, size_t length, size_t *taken);
    /* Tells the other side that nothing more comes. */
    enum hf_tls_result (*finish)(struct hf_tls *tls);
    const char *(*reason)(const struct hf_tls *tls);
    void (*free)(struct hf_tls *tls); /* NULL is fine; the socket stays open */

    size_t (*leaves)(const struct hf_tls_world *world); /* made so far */

    /* HTTP/2 with the client and with the server (NULL: no request is allowed), stream by stream. NULL: no memory. */
    struct hf_http2 *(*http2_new)(struct hf_tls *client, struct hf_tls *server, const struct hf_http2_hooks *hooks);
    /* Does what can be done without waiting. DONE: there is more, but others have waited long enough. ENDED: all is said.
     * FAILED: http2_reason says why. */
    enum hf_tls_result (*http2_continue)(struct hf_http2 *http2);
    const char *(*http2_reason)(const struct hf_http2 *http2); /* static */
    /* Is part of a request's head there, and not yet all of it? */
    bool (*http2_is_begun)(const struct hf_http2 *http2);
    void (*http2_free)(struct hf_http2 *http2); /* NULL is fine */
};

#endif
