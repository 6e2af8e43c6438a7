/* Where a start comes from: the options that `run` and `plan` share. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
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
        source->mode_given = true;
        if (hf_mode_parse(argument, &source->mode))
            return true;
        fprintf(stderr, "holdfast: --mode is block or proxy, not '%s'\n", argument);
        return false;
    }
}

bool hf_source_policy(const struct hf_source *source, char **text, size_t *length, struct hf_policy *policy,
                      struct hf_diagnostics *diagnostics)
{
    *text = NULL;
    *length = 0;
    *policy = (struct hf_policy){0};
    *diagnostics = (struct hf_diagnostics){0};
    if (!source->policy_file || (hf_policy_read(source->policy_file, text, length, diagnostics) &&
                                 hf_policy_parse(*text, *length, policy, diagnostics)))
        return true;
    hf_diagnostics_print(diagnostics, source->policy_file, stderr);
    return false;
}

bool hf_source_workdir(const struct hf_source *source, char **workdir, struct hf_error *error)
{
    const char *given = source->workdir ? source->workdir : ".";
    struct stat status;

    *workdir = realpath(given, NULL);
    if (!*workdir)
        return hf_fail(error, HF_WORKDIR_UNUSABLE, HF_STAGE_PREPARE, errno, "%s", given);
    if (stat(*workdir, &status) < 0 || !S_ISDIR(status.st_mode))
        return hf_fail(error, HF_WORKDIR_UNUSABLE, HF_STAGE_PREPARE, ENOTDIR, "%s", given);
    return true;
}

enum hf_mode hf_source_mode(const struct hf_source *source, const struct hf_policy *policy)
{
    return source->mode_given ? source->mode : hf_mode_of(policy);
}
