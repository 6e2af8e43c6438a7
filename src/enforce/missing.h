/* What a policy lacks for its command, and the lines that would add it. */
#ifndef HF_ENFORCE_MISSING_H
#define HF_ENFORCE_MISSING_H

#include "enforce/prepare.h"

#define HF_MISSING_MOST 300

struct hf_missing {
    struct {
        char *path;
        const char *what; /* static: "the ELF loader" */
    } files[HF_MISSING_MOST];
    size_t count;
};

/* Notes a path once. */
void hf_missing_add(struct hf_missing *missing, const char *path, const char *what);
void hf_missing_free(struct hf_missing *missing);

/* Makes HF_EXEC_UNREACHABLE of it. */
void hf_missing_tell(const struct hf_missing *missing, const struct hf_policy *policy,
                     const struct hf_prepared *prepared, struct hf_error *error);

#endif
