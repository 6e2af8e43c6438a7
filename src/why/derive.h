/* From what a command reached for to the lists of a policy that lets it reach for that again. Pure. */
#ifndef HF_WHY_DERIVE_H
#define HF_WHY_DERIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A path and the Landlock file rights that were asked on it. */
struct hf_trace {
    const char *path; /* absolute, without symbolic links */
    uint64_t access;
};

struct hf_entry {
    char *path;
    bool write;    /* of read_write */
    unsigned seen; /* of how many paths it was made, itself included */
    bool widened;  /* it stands for paths in it, and was not asked for itself */
};

struct hf_entries {
    struct hf_entry *items; /* in the order of their paths */
    size_t count;
};

/* System directories are listed as a whole; three or more of one directory become that directory, unless it is one that
 * holds other things than a program's (/home, /var); what lies below another entry is left out; and there are at most
 * `most` entries, where directories go together sooner. False: memory is out. */
bool hf_derive(const struct hf_trace *traces, size_t count, size_t most, struct hf_entries *entries);
void hf_entries_free(struct hf_entries *entries);

/* Whether an entry lets a path be read. */
bool hf_entries_cover(const struct hf_entries *entries, const char *path);

#endif
