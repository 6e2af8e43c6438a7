/* One table of formats. */
#include "wire/format.h"

#include <stdlib.h>

#include "policy/emit.h"
#include "policy/judge.h"
#include "policy/yaml.h"
#include "wire/wire.h"

static bool write_yaml(const struct hf_tree *tree, struct hf_faults *faults, char **bytes, size_t *length)
{
    FILE *stream = open_memstream(bytes, length);
    bool written = stream && hf_policy_emit(tree, stream);

    /* Where memory is out at the very end glibc's fclose says nothing, and there are no bytes. */
    written = stream && fclose(stream) == 0 && written && *bytes;
    if (!written) {
        free(*bytes);
        *bytes = NULL;
        hf_fault(faults, (struct hf_pos){0}, "cannot be written as YAML");
    }
    return written;
}

static const struct {
    const char *name;
    hf_tree_reader *read;
    bool (*write)(const struct hf_tree *tree, struct hf_faults *faults, char **bytes, size_t *length);
} formats[] = {
    [HF_FORMAT_YAML] = {"yaml", hf_yaml_tree, write_yaml},
    [HF_FORMAT_PB] = {"pb", hf_wire_tree, hf_wire_write},
};

const char *hf_format_name(enum hf_format format)
{
    return formats[format].name;
}

bool hf_format_judge(enum hf_format format, const char *bytes, size_t length, struct hf_tree *tree,
                     struct hf_policy *policy, struct hf_diagnostics *diagnostics)
{
    return hf_policy_judge(bytes, length, formats[format].read, tree, policy, diagnostics);
}

bool hf_format_write(enum hf_format format, const struct hf_tree *tree, char **bytes, size_t *length,
                     struct hf_diagnostics *diagnostics)
{
    struct hf_faults faults = {.list = diagnostics};

    *bytes = NULL;
    *length = 0;
    if (formats[format].write(tree, &faults, bytes, length))
        return true;
    if (faults.out_of_memory)
        hf_fault(&faults, (struct hf_pos){0}, "out of memory while the policy was written");
    return false;
}
