/* A table of fixed size, since a wildcard lets the client choose as many hosts as it likes. */
#include "tls/cache.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a: whoever makes hosts collide has what is kept made anew for himself. */
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

static struct hf_cached *entry_of(struct hf_cached *set, const char *host)
{
    for (size_t i = 0; i < HF_CACHE_WAYS; i++)
        if (set[i].kept && strcmp(set[i].host, host) == 0)
            return &set[i];
    return NULL;
}

static void empty(const struct hf_cache *cache, struct hf_cached *entry)
{
    if (entry->kept)
        cache->release(entry->kept);
    *entry = (struct hf_cached){0};
}

void *hf_cache_find(struct hf_cache *cache, const char *host, time_t then)
{
    struct hf_cached *set = set_of(cache, host), *entry = entry_of(set, host);

    if (!entry || entry->until < then)
        return NULL;
    move_to_front(set, (size_t)(entry - set));
    return set[0].kept;
}

time_t hf_cache_until(struct hf_cache *cache, const char *host)
{
    const struct hf_cached *entry = entry_of(set_of(cache, host), host);

    return entry ? entry->until : 0;
}

void hf_cache_put(struct hf_cache *cache, const char *host, void *kept, time_t until)
{
    struct hf_cached *set = set_of(cache, host), *entry = entry_of(set, host);

    if (!entry)
        entry = &set[HF_CACHE_WAYS - 1];
    empty(cache, entry);
    entry->kept = kept;
    entry->until = until;
    memcpy(entry->host, host, strlen(host) + 1);
    move_to_front(set, (size_t)(entry - set));
}

void hf_cache_drop(struct hf_cache *cache, const char *host)
{
    struct hf_cached *entry = entry_of(set_of(cache, host), host);

    if (entry)
        empty(cache, entry);
}

void hf_cache_clear(struct hf_cache *cache)
{
    for (size_t i = 0; i < HF_CACHE_SETS; i++)
        for (size_t j = 0; j < HF_CACHE_WAYS; j++)
            empty(cache, &cache->sets[i][j]);
}
