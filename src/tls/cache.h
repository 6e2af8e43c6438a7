/* What is kept for a host: the certificate made for it, or the session that its server gave. */
#ifndef HF_TLS_CACHE_H
#define HF_TLS_CACHE_H

#include <time.h>

#include "tls/tls.h"

#define HF_CACHE_SETS 64
#define HF_CACHE_WAYS 4

struct hf_cached {
    char host[HF_TLS_NAME_MAX];
    void *kept; /* NULL: the place is free */
    time_t until;
};

/* A host has its place in one set; within it the one that was asked for last stands first. Empty where all is zero but
 * `release`, which is given what is no longer kept. */
struct hf_cache {
    void (*release)(void *kept);
    struct hf_cached sets[HF_CACHE_SETS][HF_CACHE_WAYS];
};

/* What is kept until then at least, or NULL. The cache's. */
void *hf_cache_find(struct hf_cache *cache, const char *host, time_t then);

/* Until when something is kept; 0 where nothing is. */
time_t hf_cache_until(struct hf_cache *cache, const char *host);

/* Takes what is to be kept, in the place of what was for that host. */
void hf_cache_put(struct hf_cache *cache, const char *host, void *kept, time_t until);

void hf_cache_drop(struct hf_cache *cache, const char *host);
void hf_cache_clear(struct hf_cache *cache);

#endif
