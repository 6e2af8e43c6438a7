/* Limits on what the command uses: the table, and reading and writing their values. */
#include "policy/bound.h"

#include <inttypes.h>
#include <string.h>

#include "policy/value.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (KIB << 10)
#define GIB (MIB << 10)
#define TIB (GIB << 10)

/* Below the least of open_files a dynamic loader opens no library; a cgroup's memory must hold what is set up before the
 * exec; a processor is given out in periods of 100 ms, of which the kernel wants 1 ms (cgroup-v2, cpu.max). */
const struct hf_bound_kind hf_bound_kinds[HF_BOUND_COUNT] = {
    [HF_BOUND_OPEN_FILES] = {"process.limits", "open_files", HF_UNIT_COUNT, 8, 1 << 30},
    [HF_BOUND_PROCESSES] = {"process.limits", "processes", HF_UNIT_COUNT, 1, 1 << 22},
    [HF_BOUND_FILE_SIZE] = {"process.limits", "file_size", HF_UNIT_BYTES, 0, 1024 * TIB},
    [HF_BOUND_CPU_TIME] = {"process.limits", "cpu_time", HF_UNIT_SECONDS, 1, 366 * 24 * 3600},
    [HF_BOUND_ADDRESS_SPACE] = {"process.limits", "address_space", HF_UNIT_BYTES, 16 * MIB, 1024 * TIB},
    [HF_BOUND_CORE] = {"process.limits", "core", HF_UNIT_BYTES, 0, 1024 * TIB},
    [HF_BOUND_MEMORY] = {"resources", "memory", HF_UNIT_BYTES, 4 * MIB, 1024 * TIB},
    [HF_BOUND_PIDS] = {"resources", "pids", HF_UNIT_COUNT, 1, 1 << 22},
    [HF_BOUND_CPU] = {"resources", "cpu", HF_UNIT_PROCESSORS, 10, 1024 * 1000},
};

/* The largest first. A unit of 1 without a suffix is the number itself. */
static const struct suffix {
    enum hf_unit unit;
    const char *text;
    uint64_t factor;
} suffixes[] = {
    {HF_UNIT_COUNT, "", 1},
    {HF_UNIT_BYTES, "TiB", TIB}, {HF_UNIT_BYTES, "GiB", GIB}, {HF_UNIT_BYTES, "MiB", MIB},
    {HF_UNIT_BYTES, "KiB", KIB}, {HF_UNIT_BYTES, "B", 1},
    {HF_UNIT_SECONDS, "h", 3600}, {HF_UNIT_SECONDS, "min", 60}, {HF_UNIT_SECONDS, "s", 1},
};

#define SUFFIX_COUNT (sizeof(suffixes) / sizeof(suffixes[0]))
#define PROCESSOR 1000 /* thousandths */

/* As many decimal digits as there are, up to `most`. False where there is none, or more than `most`. */
static bool read_digits(const char **at, size_t most, uint64_t *value)
{
    const size_t digits = strspn(*at, "0123456789");

    *value = 0;
    if (digits == 0 || digits > most)
        return false;
    for (size_t i = 0; i < digits; i++)
        *value = *value * 10 + (uint64_t)((*at)[i] - '0');
    *at += digits;
    return true;
}

/* "1.5" in thousandths. */
static bool read_processors(const char *text, uint64_t *value)
{
    uint64_t fraction, place = PROCESSOR / 10;

    if (!read_digits(&text, 6, value))
        return false;
    *value *= PROCESSOR;
    if (*text != '.')
        return *text == '\0';
    for (text++; *text >= '0' && *text <= '9' && place; text++, place /= 10) {
        fraction = (uint64_t)(*text - '0');
        *value += fraction * place;
    }
    return *text == '\0' && text[-1] != '.';
}

static bool read_with_unit(enum hf_unit unit, const char *text, uint64_t *value)
{
    const bool leading_zero = text[0] == '0' && text[1] >= '0' && text[1] <= '9';

    if (leading_zero || !read_digits(&text, 12, value))
        return false;
    if (*value == 0 && *text == '\0')
        return true; /* nothing is nothing in every unit */
    for (size_t i = 0; i < SUFFIX_COUNT; i++)
        if (suffixes[i].unit == unit && strcmp(suffixes[i].text, text) == 0)
            return !__builtin_mul_overflow(*value, suffixes[i].factor, value);
    return false;
}

bool hf_bound_parse(enum hf_bound_id id, const char *text, uint64_t *value)
{
    const struct hf_bound_kind *kind = &hf_bound_kinds[id];

    return (kind->unit == HF_UNIT_PROCESSORS ? read_processors(text, value) : read_with_unit(kind->unit, text, value)) &&
           *value >= kind->least && *value <= kind->most;
}

const char *hf_bound_text(enum hf_bound_id id, uint64_t value, char text[HF_BOUND_TEXT_MAX])
{
    const enum hf_unit unit = hf_bound_kinds[id].unit;

    if (unit == HF_UNIT_PROCESSORS)
        snprintf(text, HF_BOUND_TEXT_MAX, "%g", (double)value / PROCESSOR);
    else if (value == 0)
        snprintf(text, HF_BOUND_TEXT_MAX, "0");
    else
        for (size_t i = 0; i < SUFFIX_COUNT; i++)
            if (suffixes[i].unit == unit && value % suffixes[i].factor == 0) {
                snprintf(text, HF_BOUND_TEXT_MAX, "%" PRIu64 "%s", value / suffixes[i].factor, suffixes[i].text);
                break;
            }
    return text;
}

static const char *describe(enum hf_unit unit)
{
    switch (unit) {
    case HF_UNIT_BYTES:
        return "a whole number and B, KiB, MiB, GiB or TiB, such as 64MiB";
    case HF_UNIT_SECONDS:
        return "a whole number and s, min or h, such as 90s";
    case HF_UNIT_PROCESSORS:
        return "a number of processors with up to three decimals, such as 1.5";
    default:
        return "a whole number in decimal, such as 256";
    }
}

void hf_read_bound(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    struct hf_policy *policy = target;
    struct hf_bound *bound = hf_field(target, row->value);
    const enum hf_bound_id id = (enum hf_bound_id)(bound - policy->bounds);
    const struct hf_bound_kind *kind = &hf_bound_kinds[id];
    const bool is_number = value->kind == HF_NODE_INTEGER || value->kind == HF_NODE_FLOAT;
    char least[HF_BOUND_TEXT_MAX], most[HF_BOUND_TEXT_MAX];

    if (value->kind == HF_NODE_STRING ? kind->unit == HF_UNIT_COUNT || kind->unit == HF_UNIT_PROCESSORS : !is_number) {
        hf_expect(faults, value, kind->unit == HF_UNIT_COUNT ? HF_NODE_INTEGER : HF_NODE_FLOAT, row->key,
                  kind->unit == HF_UNIT_COUNT ? "a whole number" : "a number");
        return;
    }
    if (strlen(value->text) == value->length && hf_bound_parse(id, value->text, &bound->value)) {
        bound->given = true;
        bound->pos = value->pos;
        return;
    }
    hf_fault(faults, value->pos, "%s is no value for '%s': write %s, from %s to %s",
             hf_quote(value->text, value->length).text, row->key, describe(kind->unit),
             hf_bound_text(id, kind->least, least), hf_bound_text(id, kind->most, most));
}
