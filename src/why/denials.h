/* What was denied, each once. */
#ifndef HF_WHY_DENIALS_H
#define HF_WHY_DENIALS_H

#include "why/observe.h"

struct hf_denial {
    char *path; /* or the address or call in words */
    char process[16]; /* who was denied it first */
    pid_t number;
    unsigned times;
    struct hf_verdict verdict;
    const char *act, *by, *remedy; /* as in the sighting */
    bool recorded;
    uint64_t access; /* the rights that were asked for */
    char *barred;    /* as in the sighting */
};

struct hf_denials {
    struct hf_denial *items;
    size_t count;
    bool incomplete; /* memory was out */
    bool exact;      /* the kernel's own records were read, and are marked */
    bool modes;      /* the caller could pass any mode by: where one is in the way, that is the sandbox's doing */
};

/* Adds a sighting where it was denied, or counts it where it is there. */
void hf_denials_add(struct hf_denials *denials, const struct hf_sighting *sighting);
void hf_denials_free(struct hf_denials *denials);

#endif
