/* The certificates made so far, by host. */
#ifndef HF_TLS_CACHE_H
#define HF_TLS_CACHE_H

#include <openssl/x509.h>
#include <time.h>

#include "tls/tls.h"

#define HF_CACHE_SETS 64
#define HF_CACHE_WAYS 4

struct hf_cached {
    char host[HF_TLS_NAME_MAX];
    X509 *certificate; /* NULL: the place is free */
    time_t until;
};

/* A host has its place in one set; within it the one that was asked for last stands first. All zero is empty. */
struct hf_cache {
    struct hf_cached sets[HF_CACHE_SETS][HF_CACHE_WAYS];
};

/* The certificate, still good for an hour, or NULL. The cache's. */
X509 *hf_cache_find(struct hf_cache *cache, const char *host, time_t now);

/* Takes the certificate. */
void hf_cache_put(struct hf_cache *cache, const char *host, X509 *certificate, time_t until);

void hf_cache_clear(struct hf_cache *cache);

#endif
