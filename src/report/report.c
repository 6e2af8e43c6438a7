/* The report: one JSON document for programs. */
#include "report/report.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/errata.h"
#include "report/reached.h"
#include "report/warnings.h"
#include "version.h"

static json_t *kernel_json(const struct hf_plan *plan)
{
    return json_pack("{s:s, s:i, s:o}", "landlock", hf_landlock_state_name(plan->facts.landlock), "abi",
                     plan->facts.abi, "errata", hf_errata_json(&plan->facts));
}

static json_t *skipped_json(const struct hf_prepared *prepared)
{
    json_t *all = json_array();

    for (size_t i = 0; i < prepared->skipped_count; i++) {
        const struct hf_skipped *one = &prepared->skipped[i];

        hf_json_append(&all, json_pack("{s:o, s:s, s:o}", "path", hf_text_json(one->rule->path), "why",
                                       hf_errno_name(one->errnum), "origin", hf_origin_json(&one->rule->origin)));
    }
    return all;
}

/* What stood when the command was executed; null when it was not. */
static json_t *enforced_json(const struct hf_result *result)
{
    const struct hf_plan *plan = result->plan;

    if (!result->started)
        return json_null();
    return json_pack("{s:b, s:i, s:o, s:o, s:o, s:I, s:o, s:b, s:b, s:s}", "landlock", plan->landlock, "abi", plan->abi,
                     "fs", hf_rights_json(HF_RIGHT_FS, plan->handled_fs), "net",
                     hf_rights_json(HF_RIGHT_NET, plan->handled_net), "scoped",
                     hf_rights_json(HF_RIGHT_SCOPE, plan->scoped), "rules",
                     plan->landlock ? (json_int_t)result->prepared->opened_count : (json_int_t)0, "skipped",
                     skipped_json(result->prepared), "seccomp", true, "network_namespace", true, "capabilities",
                     "none");
}

static json_t *origin_json(const struct hf_result *result)
{
    const struct hf_origin *origin = &result->error.origin;
    hf_autofree char *text = NULL;

    if (!origin->line)
        return json_null();
    if (asprintf(&text, "%s:%s", result->policy ? result->policy : "policy", hf_origin_place(origin).text) < 0)
        text = NULL;
    return text ? hf_text_json(text) : NULL;
}

static json_t *error_json(const struct hf_result *result)
{
    const struct hf_error *error = &result->error;

    if (result->started)
        return json_null();
    return json_pack("{s:s, s:s, s:o, s:s?, s:o, s:o, s:s, s:s, s:o}", "id", hf_error_name(error->id), "stage",
                     hf_stage_name(error->stage), "errno",
                     error->errnum ? json_string(hf_errno_name(error->errnum)) : json_null(), "reason",
                     hf_reason_name(error->reason), "object", hf_text_json(error->object), "origin",
                     origin_json(result), "message", hf_error_text(error->id), "remedy", hf_error_remedy(error),
                     "patch", error->patch[0] ? hf_text_json(error->patch) : json_null());
}

static json_t *exit_json(const struct hf_result *result)
{
    static const char *const kinds[] = {[HF_EXIT_NONE] = "none",
                                        [HF_EXIT_EXITED] = "exited",
                                        [HF_EXIT_SIGNALED] = "signaled",
                                        [HF_EXIT_TIMEOUT] = "timeout"};

    if (!result->started)
        return json_null();
    return json_pack("{s:s, s:i}", "kind", kinds[result->ended.kind], "status", result->ended.status);
}

static void append_string(void *array, const char *text)
{
    hf_json_append(array, hf_text_json(text));
}

static json_t *warnings_json(const struct hf_result *result)
{
    json_t *all = json_array();

    if (result->plan && result->prepared)
        hf_warnings_each(result->plan, result->prepared, result->policy, append_string, &all);
    return all;
}

/* A message has no lines, and a file no fields. */
static json_t *diagnostic_json(const struct hf_diagnostic *one)
{
    const bool has_line = one->pos.column;

    return json_pack("{s:i, s:i, s:o, s:o}", "line", has_line ? (int)one->pos.line : 0, "column", (int)one->pos.column,
                     "field", one->field ? hf_text_json(one->field) : json_null(), "message",
                     hf_text_json(one->message));
}

static json_t *diagnostics_json(const struct hf_diagnostics *diagnostics)
{
    json_t *all = json_array();

    for (size_t i = 0; diagnostics && i < diagnostics->count; i++)
        hf_json_append(&all, diagnostic_json(&diagnostics->items[i]));
    return all;
}

json_t *hf_source_json(const struct hf_result *result)
{
    if (!result->policy)
        return json_null();
    return json_pack("{s:o, s:s, s:b}", "file", hf_text_json(result->policy), "format", result->format, "named",
                     !result->found);
}

static json_t *report_json(const struct hf_result *result)
{
    const struct hf_plan *plan = result->plan;

    return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "version",
                     HF_VERSION, "outcome", hf_result_outcome(result), "mode",
                     plan ? json_string(hf_mode_name(plan->mode)) : json_null(), "kernel",
                     plan ? kernel_json(plan) : json_null(), "plan", plan ? hf_plan_json(plan) : json_null(),
                     "enforced", enforced_json(result), "limits", plan ? hf_limits_json(plan) : json_array(),
                     "warnings", warnings_json(result), "diagnostics", diagnostics_json(result->diagnostics), "error",
                     error_json(result), "exit", exit_json(result), "reached", hf_reached_json(result), "policy",
                     hf_source_json(result));
}

bool hf_report_write(const struct hf_result *result, int fd, struct hf_error *error)
{
    json_t *report = report_json(result);
    const bool written = report && json_dumpfd(report, fd, JSON_COMPACT) == 0 && write(fd, "\n", 1) == 1;
    const int errnum = report ? errno : ENOMEM;

    json_decref(report);
    return written || hf_fail(error, HF_REPORT_UNWRITABLE, HF_STAGE_REPORT, errnum, "the report");
}
