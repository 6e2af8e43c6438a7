/* What a command reached for in a run whose files were not limited, and the policy made of it. */
#ifndef HF_WHY_LEARNT_H
#define HF_WHY_LEARNT_H

#include "why/denials.h"

struct hf_learnt {
    void *paths; /* a tree (tsearch(3)) of struct hf_seen */
    struct hf_denials refused; /* what was denied in this run too */
    bool incomplete;           /* memory was out */
};

void hf_learnt_add(struct hf_learnt *learnt, const struct hf_sighting *sighting);
void hf_learnt_free(struct hf_learnt *learnt);

/* Writes the policy, with comments on what it is unsure of. `status`: the command's exit status; `unreadable`: calls
 * that could not be looked at. False: memory is out. */
bool hf_learnt_write(const struct hf_learnt *learnt, const struct hf_plan *plan, int status, size_t unreadable,
                     FILE *stream);

#endif
