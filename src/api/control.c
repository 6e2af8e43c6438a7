/* Asking a run that goes on, for callers: a policy goes out as a message, and what comes back is told by the file's lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/handles.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "control/ask.h"
#include "control/show.h"
#include "control/socket.h"
#include "wire/field.h"

struct hf_refusals {
    struct hf_diagnostics list;
};

/* Takes reasons with their fields, and has them by their places in the file. */
struct placing {
    const struct hf_tree *tree; /* NULL: a message, which has no other places than these */
    struct hf_faults faults;
    unsigned count;
};

/* It comes from another process, and nothing of it may steer a terminal. */
static void make_safe(char *text)
{
    for (unsigned character; *text;) {
        const size_t size = hf_utf8_decode((const unsigned char *)text, strlen(text), &character);

        if (size == 0 || !hf_utf8_is_harmless(character)) {
            memset(text, '?', size ? size : 1);
            text += size ? size : 1;
        } else {
            text += size;
        }
    }
}

static void place(void *context, char *field, char *text)
{
    struct placing *placing = context;
    struct hf_pos pos = {.line = ++placing->count, .field = field};

    make_safe(field);
    make_safe(text);
    if (placing->tree)
        pos = hf_field_find(placing->tree, field);
    hf_fault(&placing->faults, pos, "%s", text);
}

static bool read_refusals(const struct hf_loaded *loaded, char *bytes, size_t length, struct hf_refusals *refusals)
{
    struct placing placing = {.faults = {.list = &refusals->list}};
    struct hf_diagnostics none = {NULL, 0};
    struct hf_policy policy = {0};
    struct hf_tree tree = {0};
    bool read;

    if (loaded->format == HF_FORMAT_YAML && loaded->text &&
        hf_format_judge(HF_FORMAT_YAML, loaded->text, loaded->length, &tree, &policy, &none))
        placing.tree = &tree;
    read = hf_control_reasons_read(bytes, length, place, &placing) && !placing.faults.out_of_memory;
    hf_tree_free(&tree);
    hf_policy_free(&policy);
    hf_diagnostics_free(&none);
    return read;
}

static bool check(const struct hf_loaded *loaded, struct hf_error *error)
{
    return !loaded->faults.count ||
           hf_fail(error, loaded->faults.items[0].pos.line ? HF_POLICY_INVALID : HF_POLICY_UNREADABLE, HF_STAGE_POLICY, 0, "%s",
                   loaded->name ? loaded->name : "");
}

bool hf_run_update(int run, const struct hf_policy *policy, struct hf_refusals **refusals, struct hf_error *error)
{
    const struct hf_loaded *loaded = hf_loaded(policy);
    hf_autofree char *bytes = NULL, *body = NULL;
    enum hf_control_kind kind;
    size_t count, length;

    *refusals = NULL;
    if (!check(loaded, error))
        return false;
    if (!hf_loaded_convert(loaded, HF_FORMAT_PB, &bytes, &count))
        return hf_fail(error, HF_RUN_SILENT, HF_STAGE_CONTROL, errno, "the policy as a message");
    if (!hf_control_ask(run, HF_CONTROL_UPDATE, bytes, count, &kind, &body, &length, error))
        return false;
    if (kind == HF_CONTROL_DONE)
        return true;
    *refusals = calloc(1, sizeof(**refusals));
    if (*refusals && read_refusals(loaded, body, length, *refusals))
        return hf_fail(error, HF_UPDATE_REFUSED, HF_STAGE_CONTROL, 0, "%d", run);
    hf_refusals_free(hf_steal(*refusals, NULL));
    return hf_fail(error, HF_RUN_SILENT, HF_STAGE_CONTROL, EPROTO, "%d", run);
}

/* The caller frees *body. */
static bool look(int run, char **body, size_t *length, struct hf_error *error)
{
    enum hf_control_kind kind;

    if (!hf_control_ask(run, HF_CONTROL_LOOK, NULL, 0, &kind, body, length, error))
        return false;
    return kind == HF_CONTROL_DONE || hf_fail(error, HF_RUN_SILENT, HF_STAGE_CONTROL, ENOMEM, "%d", run);
}

static bool is_written(FILE *stream, struct hf_error *error)
{
    return (fflush(stream) == 0 && !ferror(stream)) ||
           hf_fail(error, HF_REPORT_UNWRITABLE, HF_STAGE_CONTROL, errno, "what the run is doing");
}

bool hf_run_print(int run, struct hf_screen *screen, FILE *stream, struct hf_error *error)
{
    hf_autofree char *body = NULL;
    size_t length;

    if (!look(run, &body, &length, error))
        return false;
    if (!hf_control_show(screen, run, body, length, stream))
        return hf_fail(error, HF_RUN_SILENT, HF_STAGE_CONTROL, EPROTO, "%d", run);
    return is_written(stream, error);
}

bool hf_run_write(int run, FILE *stream, struct hf_error *error)
{
    hf_autofree char *body = NULL;
    size_t length;

    if (!look(run, &body, &length, error))
        return false;
    (void)fwrite(body, 1, length, stream);
    return is_written(stream, error);
}

size_t hf_run_list(int *runs, size_t most)
{
    return hf_control_list(runs, most);
}

bool hf_refusal(const struct hf_refusals *refusals, size_t index, struct hf_remark *refusal)
{
    const struct hf_diagnostic *item;

    if (!refusals || index >= refusals->list.count)
        return false;
    item = &refusals->list.items[index];
    *refusal = (struct hf_remark){
        .line = item->pos.line, .column = item->pos.column, .field = item->field, .text = item->message};
    return true;
}

void hf_refusals_free(struct hf_refusals *refusals)
{
    if (!refusals)
        return;
    hf_diagnostics_free(&refusals->list);
    free(refusals);
}
