/* Where a start comes from: the options that `run` and `plan` share. */
#include <errno.h>
#include <string.h>

#include "cmd/cmd.h"

bool hf_source_option(struct hf_source *source, int letter, const char *argument)
{
    enum hf_format format;

    switch (letter) {
    case 'p':
    case 'b':
        format = letter == 'b' ? HF_FORMAT_PB : HF_FORMAT_YAML;
        if (source->policy_file && source->format != format) {
            fputs("holdfast: a start has one policy: --policy or --policy-pb, not both\n", stderr);
            return false;
        }
        source->policy_file = argument;
        source->format = format;
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

void hf_no_memory_print(void)
{
    const struct hf_error error = {
        .id = HF_LAUNCH_FAILED, .stage = HF_STAGE_POLICY, .errnum = errno, .object = "memory"};

    hf_error_print(&error, NULL, stderr);
}

bool hf_source_open(const struct hf_source *source, const struct hf_options *own, struct hf_policy **policy,
                    struct hf_sandbox **sandbox)
{
    struct hf_options options = *own;

    options.mode = source->mode;
    options.workdir = source->workdir;
    *policy = source->policy_file ? hf_policy_load_as(source->policy_file, source->format) : hf_policy_load_found();
    *sandbox = *policy ? hf_sandbox_new(*policy, &options, sizeof(options)) : NULL;
    if (*sandbox)
        return true;
    hf_policy_unload(*policy);
    hf_no_memory_print();
    return false;
}

void hf_place_print(const struct hf_policy *policy, const struct hf_remark *remark)
{
    fputs(hf_policy_name(policy), stderr);
    if (remark->column)
        fprintf(stderr, ":%u:%u", remark->line, remark->column);
    else if (remark->field)
        fprintf(stderr, ":%s", remark->field);
}

void hf_faults_print(const struct hf_policy *policy)
{
    struct hf_remark fault;

    for (size_t i = 0; hf_policy_fault(policy, i, &fault); i++) {
        hf_place_print(policy, &fault);
        fprintf(stderr, ": %s\n", fault.text);
    }
}

bool hf_format_named(const char *name, enum hf_format *format)
{
    *format = strcmp(name, "pb") == 0 ? HF_FORMAT_PB : HF_FORMAT_YAML;
    return *format == HF_FORMAT_PB || strcmp(name, "yaml") == 0 || strcmp(name, "yml") == 0;
}

bool hf_format_of(const char *file, enum hf_format *format)
{
    const char *dot = strrchr(file, '.');

    return dot && hf_format_named(dot + 1, format);
}
