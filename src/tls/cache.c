/* A table of fixed size, since a wildcard lets the client choose as many hosts as it likes. */
#include "tls/cache.h"

#include <stdint.h>
#include <string.h>

#define RENEW_SECONDS 3600

/* FNV-1a: whoever makes hosts collide makes certificates anew for himself. */
static struct hf_cached *set_of(struct hf_cache *cache, const char *host)
{
    uint32_t hash = 2166136261;

    while (*host)
        hash = (hash ^ (unsigned char)*host++) * 16777619;
    return cache->sets[hash % HF_CACHE_SETS];
}

static void move_to_front(struct hf_cached *set, size_t index)
{
    const struct hf_cached moved = set[index];

    memmove(set + 1, set, index * sizeof(*set));
    set[0] = moved;
}

X509 *hf_cache_find(struct hf_cache *cache, const char *host, time_t now)
{
    struct hf_cached *set = set_of(cache, host);

    for (size_t i = 0; i < HF_CACHE_WAYS; i++) {
        if (!set[i].certificate || strcmp(set[i].host, host) != 0)
            continue;
        if (set[i].until - now < RENEW_SECONDS)
            return NULL;
        move_to_front(set, i);
        return set[0].certificate;
    }
    return NULL;
}

void hf_cache_put(struct hf_cache *cache, const char *host, X509 *certificate, time_t until)
{
    struct hf_cached *set = set_of(cache, host);
    size_t place = HF_CACHE_WAYS - 1;

    for (size_t i = 0; i < HF_CACHE_WAYS; i++)
        if (set[i].certificate && strcmp(set[i].host, host) == 0)
            place = i;
    X509_free(set[place].certificate);
    set[place] = (struct hf_cached){.certificate = certificate, .until = until};
    memcpy(set[place].host, host, strlen(host) + 1);
    move_to_front(set, place);
}

void hf_cache_clear(struct hf_cache *cache)
{
    for (size_t i = 0; i < HF_CACHE_SETS; i++)
        for (size_t j = 0; j < HF_CACHE_WAYS; j++)
            X509_free(cache->sets[i][j].certificate);
    memset(cache, 0, sizeof(*cache));
}
