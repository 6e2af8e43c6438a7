/* From counters and signals to the limits that were reached. */
#include "report/reached.h"

#include <inttypes.h>
#include <signal.h>

#include "policy/bound.h"

struct reached {
    enum hf_bound_id id;
    uint64_t count;
    bool ended; /* the command itself, and not one that it started */
};

#define MOST 5

static size_t collect(const struct hf_result *result, struct reached all[MOST])
{
    const struct hf_hits *hits = &result->hits;
    const int signal = result->started && result->ended.kind == HF_EXIT_SIGNALED ? result->ended.status : 0;
    const struct reached every[MOST] = {
        {HF_BOUND_MEMORY, hits->memory, signal == SIGKILL},
        {HF_BOUND_PIDS, hits->pids, false},
        {HF_BOUND_CPU, hits->cpu, false},
        {HF_BOUND_CPU_TIME, signal == SIGXCPU, true},
        {HF_BOUND_FILE_SIZE, signal == SIGXFSZ, true},
    };
    size_t count = 0;

    for (size_t i = 0; i < MOST; i++)
        if (result->plan && result->plan->bounds[every[i].id].set && every[i].count)
            all[count++] = every[i];
    return count;
}

static void print(const struct hf_result *result, const struct reached *one, FILE *stream)
{
    const struct hf_planned_bound *bound = &result->plan->bounds[one->id];
    char value[HF_BOUND_TEXT_MAX];

    fprintf(stream, "holdfast: %sthe %s limit ", one->ended ? "" : "warning: ", hf_bound_kinds[one->id].key);
    if (one->ended)
        fputs("ended the command", stream);
    else
        fprintf(stream, one->id == HF_BOUND_MEMORY ? "ended processes: %" PRIu64 : "refused new processes: %" PRIu64,
                one->count);
    fprintf(stream, " (%s, because of ", hf_bound_text(one->id, bound->value, value));
    hf_origin_print(&bound->origin, result->policy, stream);
    fputs(")\n", stream);
}

void hf_reached_print(const struct hf_result *result, FILE *stream)
{
    struct reached all[MOST];
    const size_t count = collect(result, all);

    for (size_t i = 0; i < count; i++)
        if (all[i].id != HF_BOUND_CPU) /* which slows down what then goes on */
            print(result, &all[i], stream);
}

json_t *hf_reached_json(const struct hf_result *result)
{
    struct reached all[MOST];
    const size_t count = collect(result, all);
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        hf_json_append(&array, json_pack("{s:o, s:I, s:b, s:o}", "key",
                                         json_sprintf("%s.%s", hf_bound_kinds[all[i].id].section,
                                                      hf_bound_kinds[all[i].id].key),
                                         "count", (json_int_t)all[i].count, "ended", all[i].ended, "origin",
                                         hf_origin_json(&result->plan->bounds[all[i].id].origin)));
    return array;
}
