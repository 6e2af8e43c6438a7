/* Changing a policy's text by as little as possible, as a patch. Pure: text in, text out. */
#ifndef HF_WHY_CHANGE_H
#define HF_WHY_CHANGE_H

#include "why/denials.h"

/* Paths to be added to the two lists, each once and none below another one, and the hosts among the denials. Borrowed
 * from these. */
struct hf_change {
    const struct hf_denials *denials;
    const char **read_only;
    size_t read_only_count;
    const char **read_write;
    size_t read_write_count;
};

/* The path that a policy is to list: a process's own folder in /proc has another name each time, so that it is /proc.
 */
const char *hf_change_path(const struct hf_denial *denial);

/* The smallest change that allows all that a policy can allow. False: memory is out. */
bool hf_change_make(const struct hf_denials *denials, struct hf_change *change);
void hf_change_free(struct hf_change *change);

/* A policy as it was read; `text` NULL where there is none. */
struct hf_policy_text {
    const char *text;
    size_t length;
    const struct hf_policy *policy;
};

/* Writes a unified diff of the policy `name` (NULL: of a new policy.yaml) to `stream`. Before that the changed text is
 * read back: it must be valid, and have what was added and all that it had. False where it is not, for the way the text
 * is written: nothing was written. */
bool hf_change_diff(const struct hf_change *change, const struct hf_policy_text *old, const struct hf_plan *plan,
                    const struct hf_prepared *prepared, const char *name, FILE *stream);

#endif
