/* What became of a sandbox, for callers. */
#include <errno.h>

#include "api/handles.h"
#include "base/cleanup.h"
#include "why/tell.h"

const char *hf_sandbox_outcome(const struct hf_sandbox *sandbox)
{
    return hf_result_outcome(&sandbox->result);
}

int hf_sandbox_status(const struct hf_sandbox *sandbox)
{
    return hf_result_status(&sandbox->result);
}

static bool was_begun(const struct hf_sandbox *sandbox, enum hf_error_id id, struct hf_error *error)
{
    return sandbox->begun || hf_fail(error, id, HF_STAGE_REPORT, EINVAL, "a sandbox that was not started");
}

bool hf_sandbox_report(const struct hf_sandbox *sandbox, int fd, struct hf_error *error)
{
    struct hf_error unused;

    error = error ? error : &unused;
    return was_begun(sandbox, HF_REPORT_UNWRITABLE, error) && hf_report_write(&sandbox->result, fd, error);
}

bool hf_sandbox_capture(const struct hf_sandbox *sandbox, int fd, struct hf_error *error)
{
    struct hf_error unused;

    error = error ? error : &unused;
    if (!sandbox->options.capture)
        return hf_fail(error, HF_CAPTURE_UNWRITABLE, HF_STAGE_REPORT, EINVAL, "a sandbox without the option capture");
    return was_begun(sandbox, HF_CAPTURE_UNWRITABLE, error) &&
           hf_capture_write(&sandbox->capture, &sandbox->result, fd, error);
}

/* A patch is one of text: of a message, what `holdfast convert` writes of it. */
static struct hf_policy *as_yaml(const struct hf_loaded *loaded)
{
    hf_autofree char *bytes = NULL;
    size_t length;

    return hf_loaded_convert(loaded, HF_FORMAT_YAML, &bytes, &length)
               ? hf_policy_load_bytes(loaded->name, bytes, length, HF_FORMAT_YAML)
               : NULL;
}

bool hf_sandbox_tell_denials(const struct hf_sandbox *sandbox, FILE *stream)
{
    const struct hf_loaded *loaded = sandbox->loaded;
    struct hf_policy *yaml = loaded->format == HF_FORMAT_YAML ? NULL : as_yaml(loaded);
    const struct hf_loaded *shown = yaml ? hf_loaded(yaml) : loaded;
    const struct hf_policy_text text = {.text = shown->text, .length = shown->length, .policy = &shown->policy};

    if (sandbox->options.observe && sandbox->result.started)
        hf_why_tell(&sandbox->denials, sandbox->observer.unreadable, &text, &sandbox->plan, &sandbox->prepared,
                    loaded->name, stream);
    hf_policy_unload(yaml);
    return !ferror(stream);
}

bool hf_sandbox_write_learnt(const struct hf_sandbox *sandbox, FILE *stream)
{
    if (!sandbox->options.learn || !sandbox->result.started)
        return true;
    if (!hf_learnt_write(&sandbox->learnt, &sandbox->plan, hf_sandbox_status(sandbox), sandbox->observer.unreadable,
                         stream)) {
        errno = ENOMEM;
        return false;
    }
    return fflush(stream) == 0;
}
