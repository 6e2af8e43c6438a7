/* A sandbox before it is started: its options, and its plan. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/handles.h"

static bool take_format(struct hf_sandbox *sandbox, const char *format)
{
    sandbox->log_format = format && strcmp(format, "ocsf") == 0 ? HF_LOG_OCSF : HF_LOG_PLAIN;
    return !format || sandbox->log_format == HF_LOG_OCSF || strcmp(format, "plain") == 0;
}

static bool take_options(struct hf_sandbox *sandbox, const struct hf_options *options, size_t size)
{
    struct hf_options *own = &sandbox->options;

    errno = EINVAL;
    if (options && size > sizeof(*own))
        return false;
    if (options)
        memcpy(own, options, size);
    sandbox->mode_given = own->mode;
    if (own->mode && !hf_mode_parse(own->mode, &sandbox->mode))
        return false;
    if (!own->mode)
        sandbox->mode = hf_mode_of(&sandbox->loaded->policy);
    for (int i = 0; i < 3; i++) {
        sandbox->streams[i] = own->streams ? own->streams[i] : -1;
        if (own->streams && own->streams[i] < 0)
            return false;
    }
    sandbox->log = own->log ? *own->log : -1;
    if (!take_format(sandbox, own->log_format))
        return false;
    if (own->workdir && !(own->workdir = strdup(own->workdir)))
        return false;
    return true;
}

struct hf_sandbox *hf_sandbox_new(const struct hf_policy *policy, const struct hf_options *options, size_t size)
{
    struct hf_sandbox *sandbox = malloc(sizeof(*sandbox));

    if (!sandbox)
        return NULL;
    memset(sandbox, 0, offsetof(struct hf_sandbox, result.error.object));
    sandbox->result.error.object[0] = sandbox->run_directory[0] = '\0';
    sandbox->loaded = hf_loaded(policy);
    sandbox->prepared.ruleset = sandbox->channel = sandbox->supervisor = -1;
    sandbox->result.policy = sandbox->loaded->name;
    sandbox->result.format = hf_format_name(sandbox->loaded->format);
    sandbox->result.found = sandbox->loaded->found;
    if (take_options(sandbox, options, size))
        return sandbox;
    free(sandbox);
    return NULL;
}

bool hf_sandbox_check_policy(const struct hf_sandbox *sandbox, struct hf_error *error)
{
    const struct hf_diagnostics *faults = &sandbox->loaded->faults;

    if (!faults->count)
        return true;
    return hf_fail(error, faults->items[0].pos.line ? HF_POLICY_INVALID : HF_POLICY_UNREADABLE, HF_STAGE_POLICY, 0, "%s",
                   sandbox->loaded->name ? sandbox->loaded->name : "");
}

/* Absolute and without symbolic links. */
bool hf_sandbox_find_workdir(struct hf_sandbox *sandbox, struct hf_error *error)
{
    const char *given = sandbox->options.workdir ? sandbox->options.workdir : ".";
    struct stat status;

    free(sandbox->workdir);
    sandbox->workdir = realpath(given, NULL);
    if (!sandbox->workdir)
        return hf_fail(error, HF_WORKDIR_UNUSABLE, HF_STAGE_PREPARE, errno, "%s", given);
    if (stat(sandbox->workdir, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return true;
        errno = ENOTDIR;
    }
    hf_fail(error, HF_WORKDIR_UNUSABLE, HF_STAGE_PREPARE, errno, "%s", given);
    free(sandbox->workdir);
    sandbox->workdir = NULL;
    return false;
}

bool hf_sandbox_work_out(struct hf_sandbox *sandbox, const char *run_directory, struct hf_error *error)
{
    const struct hf_plan_input input = {.policy = &sandbox->loaded->policy,
                                        .mode = sandbox->mode,
                                        .mode_given = sandbox->mode_given,
                                        .facts = sandbox->facts,
                                        .workdir = sandbox->workdir,
                                        .run_directory = run_directory};

    hf_plan_free(&sandbox->plan);
    sandbox->result.plan = &sandbox->plan;
    return hf_plan_make(&input, &sandbox->plan, error);
}

bool hf_sandbox_plan(struct hf_sandbox *sandbox, const struct hf_kernel *kernel, struct hf_error *error)
{
    struct hf_error *into = &sandbox->result.error;

    if (!hf_sandbox_is_fresh(sandbox, error))
        return false;
    sandbox->facts = kernel ? hf_kernel_facts(kernel) : hf_facts_probe();
    return (hf_sandbox_check_policy(sandbox, into) && hf_sandbox_find_workdir(sandbox, into) &&
            hf_sandbox_work_out(sandbox, "(the run's directory)", into)) ||
           hf_sandbox_refuse(sandbox, error);
}

static void print_source(const struct hf_loaded *loaded, FILE *stream)
{
    if (!loaded->name)
        fputs("policy: the empty one (none is named)\n", stream);
    else
        fprintf(stream, "policy: %s%s%s\n", loaded->name, loaded->format == HF_FORMAT_PB ? " (protobuf)" : "",
                loaded->found ? " (none is named)" : "");
}

bool hf_sandbox_print_plan(const struct hf_sandbox *sandbox, FILE *stream)
{
    if (!sandbox->result.plan) {
        errno = EINVAL;
        return false;
    }
    print_source(sandbox->loaded, stream);
    hf_plan_print(&sandbox->plan, sandbox->loaded->name, stream);
    return !ferror(stream);
}

bool hf_sandbox_write_plan(const struct hf_sandbox *sandbox, FILE *stream)
{
    json_t *json;
    bool written;

    if (!sandbox->result.plan) {
        errno = EINVAL;
        return false;
    }
    json = hf_plan_json(&sandbox->plan);
    written = json && json_object_set_new(json, "policy", hf_source_json(&sandbox->result)) == 0 &&
              json_dumpf(json, stream, JSON_INDENT(2)) == 0 && fputs("\n", stream) >= 0;
    json_decref(json);
    return written;
}
