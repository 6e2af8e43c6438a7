/* Where a start comes from: the options that `run` and `plan` share. */
#include <string.h>

#include "cmd/cmd.h"

bool hf_source_option(struct hf_source *source, int letter, const char *argument)
{
    switch (letter) {
    case 'p':
        source->policy_file = argument;
        return true;
    case 'w':
        source->workdir = argument;
        return true;
    default:
        source->mode = argument;
        if (strcmp(argument, "block") == 0 || strcmp(argument, "proxy") == 0)
            return true;
        fprintf(stderr, "holdfast: --mode is block or proxy, not '%s'\n", argument);
        return false;
    }
}

bool hf_source_open(const struct hf_source *source, const struct hf_options *own, struct hf_policy **policy,
                    struct hf_sandbox **sandbox)
{
    struct hf_options options = *own;

    options.mode = source->mode;
    options.workdir = source->workdir;
    *policy = hf_policy_load(source->policy_file);
    *sandbox = *policy ? hf_sandbox_new(*policy, &options, sizeof(options)) : NULL;
    if (*sandbox)
        return true;
    hf_policy_unload(*policy);
    perror("holdfast");
    return false;
}

void hf_faults_print(const struct hf_policy *policy, const char *file)
{
    struct hf_remark fault;

    for (size_t i = 0; hf_policy_fault(policy, i, &fault); i++)
        if (fault.line)
            fprintf(stderr, "%s:%u:%u: %s\n", file, fault.line, fault.column, fault.text);
        else
            fprintf(stderr, "%s: %s\n", file, fault.text);
}
