/* What all of a run's TLS shares. */
#ifndef HF_TLS_WORLD_H
#define HF_TLS_WORLD_H

#include <openssl/ssl.h>

#include "tls/cache.h"
#include "tls/certificate.h"

struct hf_tls_world {
    struct hf_identity_of_tls ca;
    EVP_PKEY *leaf_key; /* one for all of the run's leaves: each is as good as the process that has it */
    SSL_CTX *server;    /* towards clients, */
    SSL_CTX *client;    /* and towards servers */
    BIO_METHOD *socket; /* how bytes go in and out */
    struct hf_cache leaves;   /* X509 */
    struct hf_cache sessions; /* SSL_SESSION, of servers that are names */
    size_t made;
    char *pem;
    size_t pem_length;
};

/* The certificate for a host, made if need be; the world's. NULL where OpenSSL fails. */
X509 *hf_world_leaf(struct hf_tls_world *world, const struct hf_tls_place *place);

/* socket.c */
BIO_METHOD *hf_socket_method(void);
/* A BIO on a socket of the proxy's, which reads these bytes (copied) first. NULL: no memory. */
BIO *hf_socket_new(BIO_METHOD *method, struct hf_end *end, const char *early, size_t length);
/* Before a call that may read: it is given so many bytes, and paused where it wants more of them, though there may be some. */
void hf_socket_begin(BIO *bio);
bool hf_socket_is_paused(BIO *bio);

/* session.c */
int hf_session_keep(SSL *ssl, SSL_SESSION *session);       /* as SSL_CTX_sess_set_new_cb(3) has it */
int hf_session_hello(SSL *ssl, int *alert, void *context); /* an SSL_client_hello_cb_fn */
int hf_session_choose(SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                      unsigned offered_length, void *context);

#endif
