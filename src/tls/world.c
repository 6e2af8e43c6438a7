/* The run's CA, and how both sides of a connection are to be. All of it is in this process's memory, and goes with it. */
#include "tls/world.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/http2.h"
#include "tls/session.h"

#define RENEW_SECONDS 3600 /* a certificate that is good for less is made anew */
#define SECURE_HEAP 65536 /* locked into memory, in no core (CRYPTO_secure_malloc_init(3)): where keys of curves are */

static bool fail(char reason[HF_TLS_REASON_MAX], const char *what)
{
    const unsigned long error = ERR_peek_error();
    const char *said = error ? ERR_reason_error_string(error) : NULL;

    snprintf(reason, HF_TLS_REASON_MAX, "%s%s%s", what, said ? ": " : "", said ? said : "");
    return false;
}

/* All certificates of a PEM file; one that cannot be read is the end of it, as in X509_STORE_load_file(3). */
static bool add_roots(X509_STORE *store, const char *roots, size_t length, char reason[HF_TLS_REASON_MAX])
{
    BIO *bio = BIO_new_mem_buf(roots, (int)length);
    size_t count = 0;
    X509 *root;

    while (bio && (root = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        count += X509_STORE_add_cert(store, root) == 1;
        X509_free(root);
    }
    BIO_free(bio);
    ERR_clear_error(); /* "no start line" is how the end is told (PEM_read_bio_X509(3)) */
    return count || fail(reason, "there is no certificate in the file of roots");
}

static bool settle(SSL_CTX *context)
{
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        return false;
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return true;
}

static bool open_server(struct hf_tls_world *world)
{
    world->server = SSL_CTX_new(TLS_server_method());
    if (!settle(world->server) || SSL_CTX_set_num_tickets(world->server, 0) != 1)
        return false;
    SSL_CTX_set_client_hello_cb(world->server, hf_session_hello, NULL);
    SSL_CTX_set_alpn_select_cb(world->server, hf_session_choose, NULL);
    return true;
}

static void release_certificate(void *kept)
{
    X509_free(kept);
}

static void release_session(void *kept)
{
    SSL_SESSION_free(kept);
}

/* A server that gives sessions is spared the proof of who it is when it is asked again, and we are spared judging it. */
static bool open_client(struct hf_tls_world *world)
{
    world->client = SSL_CTX_new(TLS_client_method());
    if (!settle(world->client))
        return false;
    SSL_CTX_set_verify(world->client, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(world->client, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(world->client, hf_session_keep);
    return true;
}

static bool write_pem(struct hf_tls_world *world)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long length = 0;

    if (bio && PEM_write_bio_X509(bio, world->ca.certificate) == 1)
        length = BIO_get_mem_data(bio, &bytes);
    world->pem = length > 0 ? malloc((size_t)length) : NULL;
    if (world->pem)
        memcpy(world->pem, bytes, (size_t)length);
    world->pem_length = (size_t)length;
    BIO_free(bio);
    return world->pem;
}

static bool make(struct hf_tls_world *world, const char *const *hosts, size_t count)
{
    world->ca.key = hf_certificate_key();
    world->leaf_key = hf_certificate_key();
    world->ca.certificate = world->ca.key ? hf_certificate_ca(world->ca.key, hosts, count) : NULL;
    return world->leaf_key && world->ca.certificate && write_pem(world);
}

static void close_world(struct hf_tls_world *world)
{
    hf_cache_clear(&world->leaves);
    hf_cache_clear(&world->sessions);
    SSL_CTX_free(world->server);
    SSL_CTX_free(world->client);
    BIO_meth_free(world->socket);
    X509_free(world->ca.certificate);
    EVP_PKEY_free(world->ca.key);
    EVP_PKEY_free(world->leaf_key);
    free(world->pem);
    free(world);
}

/* Without openssl.cnf: it could name an engine, and what is loaded then is not up to the policy (OPENSSL_init_crypto(3)). */
static bool begin(char reason[HF_TLS_REASON_MAX])
{
    if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
        return fail(reason, "OpenSSL cannot be used");
    (void)CRYPTO_secure_malloc_init(SECURE_HEAP, 32); /* without it keys are on the heap, of a process that dumps no core */
    return true;
}

static struct hf_tls_world *open_world(const char *const *hosts, size_t count, const char *roots, size_t length,
                                       char reason[HF_TLS_REASON_MAX])
{
    struct hf_tls_world *world = calloc(1, sizeof(*world));

    if (!world) {
        fail(reason, "no memory");
        return NULL;
    }
    world->leaves.release = release_certificate;
    world->sessions.release = release_session;
    ERR_clear_error();
    if (begin(reason) && ((world->socket = hf_socket_method()) && open_server(world) && open_client(world) ? true
                          : fail(reason, "OpenSSL cannot be set up")) &&
        (make(world, hosts, count) || fail(reason, "no CA can be made")) &&
        add_roots(SSL_CTX_get_cert_store(world->client), roots, length, reason))
        return world;
    close_world(world);
    return NULL;
}

static const char *certificate_of(const struct hf_tls_world *world, size_t *length)
{
    *length = world->pem_length;
    return world->pem;
}

static size_t leaves_of(const struct hf_tls_world *world)
{
    return world->made;
}

X509 *hf_world_leaf(struct hf_tls_world *world, const struct hf_tls_place *place)
{
    X509 *leaf = hf_cache_find(&world->leaves, place->host, time(NULL) + RENEW_SECONDS);
    time_t until;

    if (leaf)
        return leaf;
    leaf = hf_certificate_leaf(&world->ca, world->leaf_key, place, &until);
    if (!leaf)
        return NULL;
    world->made++;
    hf_cache_put(&world->leaves, place->host, leaf, until);
    return leaf;
}

__attribute__((visibility("default"))) extern const struct hf_tls_ops hf_tls_ops;
const struct hf_tls_ops hf_tls_ops = {
    .version = HF_TLS_VERSION,
    .open = open_world,
    .certificate = certificate_of,
    .close = close_world,
    .accept = hf_session_accept,
    .hello = hf_session_hello_read,
    .answer = hf_session_answer,
    .refuse = hf_session_refuse,
    .connect = hf_session_connect,
    .handshake = hf_session_handshake,
    .protocol = hf_session_protocol,
    .read = hf_session_read,
    .write = hf_session_write,
    .finish = hf_session_finish,
    .reason = hf_session_reason,
    .free = hf_session_free,
    .leaves = leaves_of,
    .http2_new = hf_http2_new,
    .http2_continue = hf_http2_continue,
    .http2_reason = hf_http2_reason,
    .http2_is_begun = hf_http2_is_begun,
    .http2_free = hf_http2_free,
};
