/* The cache's format as glibc's sysdeps/generic/dl-cache.h has it; every offset is checked. */
#include "enforce/ld_cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define MAGIC "glibc-ld.so.cache1.1"
#define OLD_MAGIC "ld.so-1.7.0" /* before 2.32 the file began with a table of this format */
#define X86_64_LIBRARY 0x0303   /* FLAG_X8664_LIB64 | FLAG_ELF_LIBC6 */

struct header {
    char magic[20];
    uint32_t count;
    uint32_t rest[6];
};

struct entry {
    int32_t flags;
    uint32_t name; /* offsets from the header */
    uint32_t path;
    uint32_t os_version;
    uint64_t hwcap;
};

/* What stands before the header: nothing, or the old table, whose entries are of three words. */
static size_t old_table(const char *map, size_t size)
{
    uint32_t count;

    if (size < 16 || memcmp(map, OLD_MAGIC, sizeof(OLD_MAGIC) - 1) != 0)
        return 0;
    memcpy(&count, map + 12, sizeof(count));
    return (16 + (size_t)count * 12 + 7) / 8 * 8;
}

void hf_ld_cache_open(const char *file, struct hf_ld_cache *cache)
{
    struct stat status;
    hf_autoclose int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    void *map = MAP_FAILED;

    *cache = (struct hf_ld_cache){0};
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
        map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map != MAP_FAILED)
        *cache = (struct hf_ld_cache){.map = map, .size = (size_t)status.st_size};
}

static const char *string_at(const char *from, size_t size, size_t offset)
{
    return offset < size && memchr(from + offset, '\0', size - offset) ? from + offset : NULL;
}

const char *hf_ld_cache_next(const struct hf_ld_cache *cache, const char *name, size_t *index)
{
    struct header header;
    struct entry entry;
    size_t before, size;
    const char *from;

    if (!cache->map)
        return NULL;
    before = old_table(cache->map, cache->size);
    size = before < cache->size ? cache->size - before : 0;
    from = cache->map + before;
    if (size < sizeof(header) || memcmp(from, MAGIC, sizeof(header.magic)) != 0)
        return NULL;
    memcpy(&header, from, sizeof(header));
    while (*index < header.count && *index < (size - sizeof(header)) / sizeof(entry)) {
        const char *key;

        memcpy(&entry, from + sizeof(header) + sizeof(entry) * (*index)++, sizeof(entry));
        key = entry.flags == X86_64_LIBRARY ? string_at(from, size, entry.name) : NULL;
        if (key && strcmp(key, name) == 0)
            return string_at(from, size, entry.path);
    }
    return NULL;
}

void hf_ld_cache_close(struct hf_ld_cache *cache)
{
    if (cache->map)
        munmap((void *)cache->map, cache->size);
    *cache = (struct hf_ld_cache){0};
}
