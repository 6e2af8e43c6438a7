/* The loader's cache, /etc/ld.so.cache (ldconfig(8)). */
#ifndef HF_ENFORCE_LD_CACHE_H
#define HF_ENFORCE_LD_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#define HF_LD_CACHE "/etc/ld.so.cache"

struct hf_ld_cache {
    const char *map; /* NULL where there is none that can be read */
    size_t size;
};

void hf_ld_cache_open(const char *file, struct hf_ld_cache *cache);

/* The next path that the cache has for a library of this machine, after *index, which begins as 0. It points into the
 * cache; NULL at the end. */
const char *hf_ld_cache_next(const struct hf_ld_cache *cache, const char *name, size_t *index);
void hf_ld_cache_close(struct hf_ld_cache *cache);

#endif
