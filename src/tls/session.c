/* One side of a connection: handshake, bytes, end. */
#include "tls/session.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/hello.h"

/* A server that has proved who it is need not do so again for so long: its certificate may run out, or be withdrawn. */
#define KEPT_SECONDS 300

struct hf_tls {
    SSL *ssl;
    struct hf_tls_world *world;
    struct hf_tls_hello hello; /* of a client, once `met`, and before that it is stopped at it */
    bool met, answered;
    int alert; /* that refuses the client, or 0 */
    const char *fault; /* of the ClientHello */
    unsigned protocol; /* for a client */
    char reason[HF_TLS_REASON_MAX];
};

static const unsigned char http1[] = "\x08http/1.1", http2[] = "\x02h2", both[] = "\x02h2\x08http/1.1";

static void read_hello(SSL *ssl, struct hf_tls *tls)
{
    const unsigned char *bytes;
    size_t length;

    tls->met = true;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &length) &&
        !hf_hello_server_name(bytes, length, tls->hello.name))
        tls->fault = "the ClientHello's server name is none";
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &bytes, &length)) {
        tls->hello.offers = true;
        if (!hf_hello_protocols(bytes, length, &tls->hello.protocols))
            tls->fault = "the ClientHello's list of protocols is none";
    }
}

/* Stops the handshake (SSL_CTX_set_client_hello_cb(3)) until it is known what to answer. */
int hf_session_hello(SSL *ssl, int *alert, void *context)
{
    struct hf_tls *tls = SSL_get_app_data(ssl);

    (void)context;
    if (!tls->met)
        read_hello(ssl, tls);
    if (tls->fault) {
        *alert = SSL_AD_DECODE_ERROR;
        return SSL_CLIENT_HELLO_ERROR;
    }
    if (tls->alert) {
        *alert = tls->alert;
        return SSL_CLIENT_HELLO_ERROR;
    }
    return tls->answered ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_RETRY;
}

int hf_session_choose(SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                      unsigned offered_length, void *context)
{
    const struct hf_tls *tls = SSL_get_app_data(ssl);
    const unsigned char *list = tls->protocol == HF_TLS_HTTP2 ? http2 : http1;

    (void)context, (void)offered, (void)offered_length;
    if (!tls->protocol)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = list + 1;
    *length = list[0];
    return SSL_TLSEXT_ERR_OK;
}

static struct hf_tls *new_side(struct hf_tls_world *world, SSL_CTX *context, struct hf_end *end, const char *early,
                               size_t length)
{
    struct hf_tls *tls = calloc(1, sizeof(*tls));
    BIO *bio;

    if (!tls)
        return NULL;
    tls->world = world;
    tls->ssl = SSL_new(context);
    bio = tls->ssl ? hf_socket_new(world->socket, end, early, length) : NULL;
    if (!bio || !SSL_set_app_data(tls->ssl, tls)) {
        BIO_free(bio);
        hf_session_free(tls);
        return NULL;
    }
    SSL_set_bio(tls->ssl, bio, bio);
    return tls;
}

struct hf_tls *hf_session_accept(struct hf_tls_world *world, struct hf_end *end, const char *early, size_t length)
{
    struct hf_tls *tls = new_side(world, world->server, end, early, length);

    if (tls)
        SSL_set_accept_state(tls->ssl);
    return tls;
}

static bool expect(SSL *ssl, const struct hf_tls_place *place)
{
    if (place->is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), place->host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return SSL_set1_host(ssl, place->host) == 1 && SSL_set_tlsext_host_name(ssl, place->host) == 1;
}

/* Of a server that is a name; else NULL. Whoever knows a session that was kept for it is it, at any of its ports. */
static const char *name_of(SSL *ssl)
{
    return X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0);
}

int hf_session_keep(SSL *ssl, SSL_SESSION *session)
{
    struct hf_tls *tls = SSL_get_app_data(ssl);
    const char *name = name_of(ssl);

    if (!name || !SSL_SESSION_is_resumable(session))
        return 0;
    /* One that is given by way of an earlier one is good for no longer, or the next proof would be put off for ever. */
    hf_cache_put(&tls->world->sessions, name, session,
                 SSL_session_reused(ssl) ? hf_cache_until(&tls->world->sessions, name) : time(NULL) + KEPT_SECONDS);
    return 1;
}

/* A ticket is used as often as it is good (RFC 8446, C.4 warns of it for those whom their address does not tell already). */
static bool resume(struct hf_tls *tls)
{
    const char *name = name_of(tls->ssl);
    SSL_SESSION *session = name ? hf_cache_find(&tls->world->sessions, name, time(NULL)) : NULL;

    return !session || SSL_set_session(tls->ssl, session) == 1;
}

static bool offer(SSL *ssl, unsigned protocols)
{
    if (protocols == (HF_TLS_HTTP1 | HF_TLS_HTTP2))
        return SSL_set_alpn_protos(ssl, both, sizeof(both) - 1) == 0;
    if (protocols == HF_TLS_HTTP2)
        return SSL_set_alpn_protos(ssl, http2, sizeof(http2) - 1) == 0;
    return !protocols || SSL_set_alpn_protos(ssl, http1, sizeof(http1) - 1) == 0;
}

struct hf_tls *hf_session_connect(struct hf_tls_world *world, struct hf_end *end, const struct hf_tls_place *place,
                                  unsigned protocols)
{
    struct hf_tls *tls = new_side(world, world->client, end, NULL, 0);

    if (tls && (!expect(tls->ssl, place) || !offer(tls->ssl, protocols) || !resume(tls))) {
        hf_session_free(tls);
        return NULL;
    }
    if (tls)
        SSL_set_connect_state(tls->ssl);
    return tls;
}

/* Why it failed, in words: of what is wrong with a certificate, else of OpenSSL's first complaint. */
static void explain(struct hf_tls *tls)
{
    const long verdict = SSL_get_verify_result(tls->ssl);
    const unsigned long error = ERR_peek_error();
    const char *said = error ? ERR_reason_error_string(error) : NULL;

    if (tls->fault)
        said = tls->fault;
    else if (verdict != X509_V_OK)
        said = X509_verify_cert_error_string(verdict);
    snprintf(tls->reason, sizeof(tls->reason), "%s", said ? said : "the connection ended in it");
}

static enum hf_tls_result result_of(struct hf_tls *tls, int returned)
{
    switch (SSL_get_error(tls->ssl, returned)) {
    case SSL_ERROR_NONE:
        return HF_TLS_DONE;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
        return HF_TLS_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return HF_TLS_ENDED;
    default:
        explain(tls);
        return HF_TLS_FAILED;
    }
}

/* To the end of what has come: a handshake has one. */
static enum hf_tls_result shake(struct hf_tls *tls)
{
    enum hf_tls_result result;

    do {
        ERR_clear_error();
        hf_socket_begin(SSL_get_rbio(tls->ssl));
        result = result_of(tls, SSL_do_handshake(tls->ssl));
    } while (result == HF_TLS_WAIT && hf_socket_is_paused(SSL_get_rbio(tls->ssl)));
    if (result == HF_TLS_FAILED && name_of(tls->ssl))
        hf_cache_drop(&tls->world->sessions, name_of(tls->ssl)); /* it may be why */
    return result;
}

enum hf_tls_result hf_session_hello_read(struct hf_tls *tls, struct hf_tls_hello *hello)
{
    const enum hf_tls_result result = tls->met ? HF_TLS_DONE : shake(tls);

    if (result == HF_TLS_FAILED && !tls->met && BIO_eof(SSL_get_rbio(tls->ssl)))
        return HF_TLS_ENDED; /* which says nothing of what it would have said */
    if (result == HF_TLS_FAILED || !tls->met)
        return result;
    *hello = tls->hello;
    return HF_TLS_DONE;
}

bool hf_session_answer(struct hf_tls *tls, const struct hf_tls_place *place, unsigned protocol)
{
    X509 *leaf = hf_world_leaf(tls->world, place);

    tls->answered = leaf && SSL_use_certificate(tls->ssl, leaf) == 1 &&
                    SSL_use_PrivateKey(tls->ssl, tls->world->leaf_key) == 1;
    tls->protocol = protocol;
    return tls->answered;
}

void hf_session_refuse(struct hf_tls *tls, bool is_name)
{
    tls->alert = is_name ? SSL_AD_UNRECOGNIZED_NAME : SSL_AD_NO_APPLICATION_PROTOCOL;
    SSL_do_handshake(tls->ssl);
}

enum hf_tls_result hf_session_handshake(struct hf_tls *tls)
{
    return shake(tls);
}

unsigned hf_session_protocol(const struct hf_tls *tls)
{
    const unsigned char *name;
    unsigned length;

    SSL_get0_alpn_selected(tls->ssl, &name, &length);
    return length == http2[0] ? HF_TLS_HTTP2 : length == http1[0] ? HF_TLS_HTTP1 : 0;
}

enum hf_tls_result hf_session_read(struct hf_tls *tls, char *bytes, size_t size, size_t *got)
{
    enum hf_tls_result result;

    *got = 0;
    ERR_clear_error();
    hf_socket_begin(SSL_get_rbio(tls->ssl));
    result = result_of(tls, SSL_read_ex(tls->ssl, bytes, size, got));
    return result == HF_TLS_WAIT && hf_socket_is_paused(SSL_get_rbio(tls->ssl)) ? HF_TLS_DONE : result;
}

enum hf_tls_result hf_session_write(struct hf_tls *tls, const char *bytes, size_t length, size_t *taken)
{
    *taken = 0;
    ERR_clear_error();
    return result_of(tls, SSL_write_ex(tls->ssl, bytes, length, taken));
}

enum hf_tls_result hf_session_finish(struct hf_tls *tls)
{
    int returned;

    ERR_clear_error();
    returned = SSL_shutdown(tls->ssl);
    return returned >= 0 ? HF_TLS_DONE : result_of(tls, returned);
}

const char *hf_session_reason(const struct hf_tls *tls)
{
    return tls->reason;
}

void hf_session_free(struct hf_tls *tls)
{
    if (!tls)
        return;
    /* That this connection is cut is no reason to forget its session (RFC 5246, 7.2.1), as SSL_free(3) would. */
    SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(tls->ssl);
    ERR_clear_error();
    free(tls);
}
