/* Policies for callers: the text, what it says, and what is wrong with it, in one handle. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/handles.h"

static struct hf_loaded *new_loaded(const char *name)
{
    struct hf_loaded *loaded = calloc(1, sizeof(*loaded));

    if (loaded && name && !(loaded->name = strdup(name))) {
        free(loaded);
        return NULL;
    }
    return loaded;
}

/* No fault and no policy: memory was out while the first fault was written down. */
static struct hf_policy *hand_out(struct hf_loaded *loaded, bool valid)
{
    if (valid || loaded->faults.count)
        return &loaded->policy;
    hf_policy_unload(&loaded->policy);
    errno = ENOMEM;
    return NULL;
}

struct hf_policy *hf_policy_load(const char *file)
{
    struct hf_loaded *loaded = new_loaded(file);

    if (!loaded)
        return NULL;
    return hand_out(loaded, !file || (hf_policy_read(file, &loaded->text, &loaded->length, &loaded->faults) &&
                                      hf_policy_parse(loaded->text, loaded->length, &loaded->policy, &loaded->faults)));
}

struct hf_policy *hf_policy_load_text(const char *name, const char *text, size_t length)
{
    struct hf_loaded *loaded = new_loaded(name);

    if (!loaded)
        return NULL;
    loaded->text = malloc(length + 1);
    if (!loaded->text)
        return hand_out(loaded, false);
    memcpy(loaded->text, text, length);
    loaded->length = length;
    return hand_out(loaded, hf_policy_parse(loaded->text, length, &loaded->policy, &loaded->faults));
}

void hf_policy_unload(struct hf_policy *policy)
{
    struct hf_loaded *loaded = (struct hf_loaded *)(void *)policy;

    if (!policy)
        return;
    hf_policy_free(&loaded->policy);
    hf_diagnostics_free(&loaded->faults);
    free(loaded->name);
    free(loaded->text);
    free(loaded);
}

size_t hf_policy_fault_count(const struct hf_policy *policy)
{
    return hf_loaded(policy)->faults.count;
}

bool hf_policy_fault(const struct hf_policy *policy, size_t index, struct hf_remark *fault)
{
    const struct hf_diagnostics *faults = &hf_loaded(policy)->faults;

    if (index >= faults->count)
        return false;
    *fault = (struct hf_remark){faults->items[index].pos.line, faults->items[index].pos.column,
                                faults->items[index].message};
    return true;
}

bool hf_policy_unenforced(const struct hf_policy *policy, size_t index, struct hf_remark *key)
{
    if (index >= policy->unenforced_count)
        return false;
    *key = (struct hf_remark){policy->unenforced[index].pos.line, policy->unenforced[index].pos.column,
                              policy->unenforced[index].key};
    return true;
}
