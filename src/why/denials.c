#include "why/denials.h"

#include <stdlib.h>
#include <string.h>

static bool is_denied(const struct hf_denials *denials, const struct hf_sighting *sighting)
{
    if (!sighting->act && denials->modes && sighting->barred)
        return true;
    return sighting->act ? sighting->by != NULL : sighting->verdict.missing != 0;
}

static bool is_same(const struct hf_denial *denial, const struct hf_sighting *sighting)
{
    return denial->act == sighting->act && (denial->verdict.missing || denial->access == sighting->access) &&
           denial->verdict.missing == sighting->verdict.missing && strcmp(denial->path, sighting->path) == 0;
}

/* The kernel asks for one thing after another, and records the first that it denies. */
static bool mark(struct hf_denials *denials, const struct hf_sighting *sighting)
{
    const uint64_t rights = sighting->verdict.missing;
    bool marked = false;

    for (size_t i = 0; i < denials->count; i++) {
        struct hf_denial *denial = &denials->items[i];

        if (denial->act || sighting->act || (denial->verdict.missing & rights) != rights ||
            strcmp(denial->path, sighting->path) != 0)
            continue;
        denial->recorded = marked = true;
    }
    return marked;
}

void hf_denials_add(struct hf_denials *denials, const struct hf_sighting *sighting)
{
    struct hf_denial *grown;
    char *path;

    if (!is_denied(denials, sighting))
        return;
    if (sighting->recorded && mark(denials, sighting))
        return;
    for (size_t i = 0; i < denials->count; i++)
        if (is_same(&denials->items[i], sighting)) {
            denials->items[i].times++;
            return;
        }
    grown = reallocarray(denials->items, denials->count + 1, sizeof(*grown));
    path = strdup(sighting->path);
    denials->incomplete = denials->incomplete || !grown || !path;
    if (grown)
        denials->items = grown;
    if (!grown || !path) {
        free(path);
        return;
    }
    grown += denials->count++;
    *grown = (struct hf_denial){.path = path,
                                .number = sighting->number,
                                .times = 1,
                                .verdict = sighting->verdict,
                                .act = sighting->act,
                                .by = sighting->by,
                                .remedy = sighting->remedy,
                                .recorded = sighting->recorded,
                                .access = sighting->access,
                                .barred = sighting->barred ? strdup(sighting->barred) : NULL};
    /* No list of the policy helps where nothing is missing in them, or a mode denies it as well. */
    if (!grown->verdict.missing || grown->barred)
        grown->verdict.remedy = HF_REMEDY_NONE;
    snprintf(grown->process, sizeof(grown->process), "%s", sighting->process);
}

void hf_denials_free(struct hf_denials *denials)
{
    for (size_t i = 0; i < denials->count; i++) {
        free(denials->items[i].path);
        free(denials->items[i].barred);
    }
    free(denials->items);
    *denials = (struct hf_denials){0};
}
