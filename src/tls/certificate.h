/* The run's CA and the certificates that it makes. */
#ifndef HF_TLS_CERTIFICATE_H
#define HF_TLS_CERTIFICATE_H

#include <openssl/x509.h>
#include <time.h>

#include "tls/tls.h"

/* A certificate and its key. */
struct hf_identity_of_tls {
    X509 *certificate;
    EVP_PKEY *key;
};

/* A new key for a curve that every client knows. NULL where OpenSSL fails. The caller frees it. */
EVP_PKEY *hf_certificate_key(void);

/* A CA that signs itself, good from now for HF_CA_SECONDS, for these hosts of a policy. NULL where OpenSSL fails. */
X509 *hf_certificate_ca(EVP_PKEY *key, const char *const *hosts, size_t count);

/* A server's certificate, signed by the CA, good until *until. */
X509 *hf_certificate_leaf(const struct hf_identity_of_tls *ca, EVP_PKEY *key, const struct hf_tls_place *place, time_t *until);

#define HF_CA_SECONDS (30L * 24 * 3600)  /* the longest that a run can end TLS */
#define HF_LEAF_SECONDS (7L * 24 * 3600)

#endif
