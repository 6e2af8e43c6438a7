/* The warnings, written once for the person and once for the report. */
#include "report/warnings.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/errata.h"

static void weaker_kernel(const struct hf_plan *plan, hf_warning_sink *sink, void *to)
{
    char text[256];

    if (!plan->landlock)
        snprintf(text, sizeof(text), "landlock is not enforced: this kernel answers %s (%s)",
                 hf_landlock_state_name(plan->facts.landlock),
                 hf_errno_name(plan->facts.errnum));
    else if (plan->weaker)
        snprintf(text, sizeof(text), "landlock ABI %d is below what hard_requirement accepts (%d)", plan->abi,
                 plan->min_abi);
    else
        return;
    sink(to, text);
}

static void lost_right(const struct hf_limit *limit, hf_warning_sink *sink, void *to)
{
    char text[256];

    snprintf(text, sizeof(text), "%s (%s needs landlock ABI %d)", limit->consequence, limit->right, limit->since);
    sink(to, text);
}

static void open_erratum(const struct hf_erratum *erratum, hf_warning_sink *sink, void *to)
{
    char text[256];

    snprintf(text, sizeof(text), "%s (landlock's erratum %u is not fixed in this kernel)", erratum->weaker,
             erratum->number);
    sink(to, text);
}

static void skipped_path(const struct hf_skipped *skipped, const char *policy, hf_warning_sink *sink, void *to)
{
    const struct hf_rule *rule = skipped->rule;
    hf_autofree char *text = NULL;

    if (asprintf(&text, "%s:%s: %s is left out (%s)", policy ? policy : "policy", hf_origin_place(&rule->origin).text,
                 rule->path, hf_errno_name(skipped->errnum)) < 0) {
        text = NULL;
        sink(to, "a path of the policy is left out");
        return;
    }
    sink(to, text);
}

void hf_warnings_each(const struct hf_plan *plan, const struct hf_prepared *prepared, const char *policy,
                      hf_warning_sink *sink, void *to)
{
    weaker_kernel(plan, sink, to);
    for (size_t i = 0; i < plan->limit_count; i++)
        lost_right(&plan->limits[i], sink, to);
    for (size_t i = 0; plan->landlock && i < hf_errata_count; i++)
        if (hf_errata[i].weaker && hf_erratum_open(&hf_errata[i], &plan->facts))
            open_erratum(&hf_errata[i], sink, to);
    for (size_t i = 0; i < prepared->skipped_count; i++)
        if (prepared->skipped[i].rule->origin.kind == HF_ORIGIN_POLICY)
            skipped_path(&prepared->skipped[i], policy, sink, to);
}

static void print(void *stream, const char *text)
{
    fprintf(stream, "holdfast: warning: %s\n", text);
}

void hf_warnings_print(const struct hf_plan *plan, const struct hf_prepared *prepared, const char *policy, FILE *stream)
{
    hf_warnings_each(plan, prepared, policy, print, stream);
}
