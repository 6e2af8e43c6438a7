/* Policies for callers: the text, what it says, and what is wrong with it, in one handle. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/handles.h"
#include "base/cleanup.h"

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

static bool judge(struct hf_loaded *loaded)
{
    struct hf_tree tree;
    const bool valid = hf_format_judge(loaded->format, loaded->text, loaded->length, &tree, &loaded->policy,
                                       &loaded->faults);

    hf_tree_free(&tree);
    return valid;
}

static struct hf_loaded *load(const char *file, enum hf_format format)
{
    struct hf_loaded *loaded = new_loaded(hf_policy_file_name(file));
    bool valid = true;

    if (!loaded)
        return NULL;
    loaded->format = format;
    if (file)
        valid = hf_policy_read(file, &loaded->text, &loaded->length, &loaded->faults) && judge(loaded);
    return hand_out(loaded, valid) ? loaded : NULL;
}

struct hf_policy *hf_policy_load(const char *file)
{
    return hf_policy_load_as(file, HF_FORMAT_YAML);
}

struct hf_policy *hf_policy_load_as(const char *file, enum hf_format format)
{
    struct hf_loaded *loaded = load(file, format);

    return loaded ? &loaded->policy : NULL;
}

/* What is there and cannot be read, be it a link that leads nowhere, was meant to be the policy. */
struct hf_policy *hf_policy_load_found(void)
{
    struct stat status;
    const bool found = lstat(HF_POLICY_FILE, &status) == 0 || errno != ENOENT;
    struct hf_loaded *loaded = load(found ? HF_POLICY_FILE : NULL, HF_FORMAT_YAML);

    if (!loaded)
        return NULL;
    loaded->found = found;
    return &loaded->policy;
}

struct hf_policy *hf_policy_load_text(const char *name, const char *text, size_t length)
{
    return hf_policy_load_bytes(name, text, length, HF_FORMAT_YAML);
}

struct hf_policy *hf_policy_load_bytes(const char *name, const char *bytes, size_t length, enum hf_format format)
{
    struct hf_loaded *loaded = new_loaded(name);

    if (!loaded)
        return NULL;
    loaded->format = format;
    loaded->text = malloc(length + 1);
    if (!loaded->text)
        return hand_out(loaded, false);
    memcpy(loaded->text, bytes, length);
    loaded->length = length;
    return hand_out(loaded, judge(loaded));
}

const char *hf_policy_name(const struct hf_policy *policy)
{
    return hf_loaded(policy)->name;
}

/* The handle has what the policy means; what was written is read once more. */
bool hf_loaded_convert(const struct hf_loaded *loaded, enum hf_format format, char **bytes, size_t *length)
{
    static const char empty[] = "version: 1\n";
    const char *text = loaded->text ? loaded->text : empty;
    struct hf_diagnostics faults;
    struct hf_policy policy;
    struct hf_tree tree;
    bool made;

    if (loaded->faults.count) { /* one that could not be read has no text either */
        errno = EINVAL;
        return false;
    }
    made = hf_format_judge(loaded->format, text, loaded->text ? loaded->length : strlen(empty), &tree, &policy, &faults) &&
           hf_format_write(format, &tree, bytes, length, &faults);
    errno = ENOMEM;
    hf_tree_free(&tree);
    hf_policy_free(&policy);
    hf_diagnostics_free(&faults);
    return made;
}

bool hf_policy_write(const struct hf_policy *policy, enum hf_format format, FILE *stream)
{
    hf_autofree char *bytes = NULL;
    size_t length;

    return hf_loaded_convert(hf_loaded(policy), format, &bytes, &length) &&
           fwrite(bytes, 1, length, stream) == length && fflush(stream) == 0;
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
    *fault = (struct hf_remark){.line = faults->items[index].pos.line,
                                .column = faults->items[index].pos.column,
                                .field = faults->items[index].field,
                                .text = faults->items[index].message};
    return true;
}

bool hf_policy_unenforced(const struct hf_policy *policy, size_t index, struct hf_remark *key)
{
    if (index >= policy->unenforced_count)
        return false;
    *key = (struct hf_remark){.line = policy->unenforced[index].pos.line,
                              .column = policy->unenforced[index].pos.column,
                              .field = policy->unenforced[index].pos.field,
                              .text = policy->unenforced[index].key};
    return true;
}
