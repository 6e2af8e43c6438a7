/* Landlock's errata: bugs of the kernel's, of which it says itself which are mended (LANDLOCK_CREATE_RULESET_ERRATA).
 * Pure. */
#ifndef HF_PLAN_ERRATA_H
#define HF_PLAN_ERRATA_H

#include <jansson.h>
#include <stdio.h>

#include "kernel/facts.h"

struct hf_erratum {
    unsigned number;
    int since; /* the first ABI that has the bug */
    const char *what;
    const char *weaker; /* what is less than promised until it is mended; NULL where only too much is denied */
};

extern const struct hf_erratum hf_errata[];
extern const size_t hf_errata_count;

/* True where the kernel says that the bug is in it. One that does not tell is not said to have any. */
bool hf_erratum_open(const struct hf_erratum *erratum, const struct hf_facts *facts);

/* {bits, told, fixed: [number], open: [{erratum, what, weaker}]}; the caller owns the reference. */
json_t *hf_errata_json(const struct hf_facts *facts);

/* A line for each that is open, or one. */
void hf_errata_print(const struct hf_facts *facts, FILE *stream);

#endif
