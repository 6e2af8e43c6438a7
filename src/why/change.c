/* The union of what the denials ask for, as small as paths can say it. */
#include "why/change.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/yaml_path.h"

const char *hf_change_path(const struct hf_denial *denial)
{
    static const char processes[] = "/proc/";
    const char *behind = denial->path + sizeof(processes) - 1;

    return strncmp(denial->path, processes, sizeof(processes) - 1) == 0 && *behind >= '0' && *behind <= '9'
               ? "/proc"
               : denial->path;
}

/* Whether another denial's path, added to the list `by`, grants what this one needs. */
static bool is_covered(const struct hf_denials *denials, size_t index)
{
    const struct hf_denial *denial = &denials->items[index];

    for (size_t i = 0; i < denials->count; i++) {
        const struct hf_denial *other = &denials->items[i];
        const char *path = hf_change_path(denial), *added = hf_change_path(other);
        const bool is_same = strcmp(added, path) == 0;

        if (i == index || other->act || other->verdict.remedy < denial->verdict.remedy)
            continue;
        if (hf_path_is_below(path, added) ||
            (is_same && (other->verdict.remedy > denial->verdict.remedy || i < index)))
            return true;
    }
    return false;
}

bool hf_change_make(const struct hf_denials *denials, struct hf_change *change)
{
    *change = (struct hf_change){.denials = denials,
                                 .read_only = calloc(denials->count + 1, sizeof(char *)),
                                 .read_write = calloc(denials->count + 1, sizeof(char *))};
    if (!change->read_only || !change->read_write)
        return false;
    for (size_t i = 0; i < denials->count; i++) {
        const struct hf_denial *denial = &denials->items[i];

        if (denial->act || !hf_scalar_possible(denial->path) || is_covered(denials, i))
            continue;
        if (denial->verdict.remedy == HF_REMEDY_READ_ONLY)
            change->read_only[change->read_only_count++] = hf_change_path(denial);
        if (denial->verdict.remedy == HF_REMEDY_READ_WRITE)
            change->read_write[change->read_write_count++] = hf_change_path(denial);
    }
    return true;
}

void hf_change_free(struct hf_change *change)
{
    free(change->read_only);
    free(change->read_write);
    *change = (struct hf_change){0};
}
