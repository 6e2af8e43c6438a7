/* Limits on what the command uses: how their values are written, read, refused, and planned. */
#include "policy/bound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"

#define MIB (UINT64_C(1) << 20)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void values_are_read_with_their_units(void **state)
{
    static const struct {
        enum hf_bound_id id;
        const char *text;
        uint64_t value;
        const char *shown; /* where it is not the text */
    } table[] = {
        {HF_BOUND_MEMORY, "4MiB", 4 * MIB, NULL},
        {HF_BOUND_MEMORY, "4194304B", 4 * MIB, "4MiB"},
        {HF_BOUND_MEMORY, "4097KiB", 4097 * 1024, NULL},
        {HF_BOUND_MEMORY, "2048MiB", 2048 * MIB, "2GiB"},
        {HF_BOUND_MEMORY, "1024TiB", 1024 * 1024 * 1024 * MIB, NULL},
        {HF_BOUND_CORE, "0", 0, NULL},
        {HF_BOUND_CORE, "0B", 0, "0"},
        {HF_BOUND_FILE_SIZE, "1B", 1, NULL},
        {HF_BOUND_CPU_TIME, "90s", 90, NULL},
        {HF_BOUND_CPU_TIME, "60s", 60, "1min"},
        {HF_BOUND_CPU_TIME, "3h", 3 * 3600, NULL},
        {HF_BOUND_PIDS, "64", 64, NULL},
        {HF_BOUND_CPU, "1.5", 1500, NULL},
        {HF_BOUND_CPU, "2", 2000, NULL},
        {HF_BOUND_CPU, "0.01", 10, NULL},
        {HF_BOUND_CPU, "0.125", 125, NULL},
        {HF_BOUND_CPU, "1.50", 1500, "1.5"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        char text[HF_BOUND_TEXT_MAX];
        uint64_t value;

        assert_true(hf_bound_parse(table[i].id, table[i].text, &value));
        assert_int_equal(value, table[i].value);
        assert_string_equal(hf_bound_text(table[i].id, value, text), table[i].shown ? table[i].shown : table[i].text);
    }
}

static void what_is_no_value_is_none(void **state)
{
    static const struct {
        enum hf_bound_id id;
        const char *text;
    } table[] = {
        {HF_BOUND_MEMORY, ""},          {HF_BOUND_MEMORY, "MiB"},       {HF_BOUND_MEMORY, "64"},
        {HF_BOUND_MEMORY, "64MB"},      {HF_BOUND_MEMORY, "64M"},       {HF_BOUND_MEMORY, "64mib"},
        {HF_BOUND_MEMORY, "64 MiB"},    {HF_BOUND_MEMORY, "64MiB "},    {HF_BOUND_MEMORY, "-64MiB"},
        {HF_BOUND_MEMORY, "+64MiB"},    {HF_BOUND_MEMORY, "1.5GiB"},    {HF_BOUND_MEMORY, "064MiB"},
        {HF_BOUND_MEMORY, "0x40MiB"},   {HF_BOUND_MEMORY, "4095KiB"},   {HF_BOUND_MEMORY, "1025TiB"},
        {HF_BOUND_MEMORY, "999999999999TiB"}, {HF_BOUND_MEMORY, "9999999999999B"}, {HF_BOUND_MEMORY, "60s"},
        {HF_BOUND_MEMORY, "0"},         {HF_BOUND_CPU_TIME, "60"},      {HF_BOUND_CPU_TIME, "0s"},
        {HF_BOUND_CPU_TIME, "1m"},      {HF_BOUND_CPU_TIME, "1d"},      {HF_BOUND_OPEN_FILES, "7"},
        {HF_BOUND_PIDS, "0"},           {HF_BOUND_PIDS, "64s"},         {HF_BOUND_PIDS, "4194305"},
        {HF_BOUND_CPU, "0.009"},        {HF_BOUND_CPU, "1025"},         {HF_BOUND_CPU, "1."},
        {HF_BOUND_CPU, ".5"},           {HF_BOUND_CPU, "1.0005"},       {HF_BOUND_CPU, "1,5"},
        {HF_BOUND_CPU, "150%"},         {HF_BOUND_CPU, "9999999"},      {HF_BOUND_CPU, "1e3"},
    };
    uint64_t value;

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        if (hf_bound_parse(table[i].id, table[i].text, &value))
            fail_msg("%s is taken for %s", table[i].text, hf_bound_kinds[table[i].id].key);
}

static void ranges_are_written_as_they_are_read(void **state)
{
    (void)state;
    for (enum hf_bound_id id = 0; id < HF_BOUND_COUNT; id++) {
        const uint64_t ends[] = {hf_bound_kinds[id].least, hf_bound_kinds[id].most};

        for (size_t i = 0; i < COUNT(ends); i++) {
            char text[HF_BOUND_TEXT_MAX];
            uint64_t value;

            assert_true(hf_bound_parse(id, hf_bound_text(id, ends[i], text), &value));
            assert_int_equal(value, ends[i]);
        }
    }
}

static void a_plan_has_what_is_asked_for_and_no_core_dumps(void **state)
{
    struct hf_policy policy = {.bounds[HF_BOUND_PIDS] = {true, 64, {3, 9}}};
    struct hf_plan plan = {0};

    (void)state;
    hf_plan_bounds(&policy, &plan);
    for (enum hf_bound_id id = 0; id < HF_BOUND_COUNT; id++)
        assert_int_equal(plan.bounds[id].set, id == HF_BOUND_PIDS || id == HF_BOUND_CORE);
    assert_int_equal(plan.bounds[HF_BOUND_PIDS].value, 64);
    assert_int_equal(plan.bounds[HF_BOUND_PIDS].origin.kind, HF_ORIGIN_POLICY);
    assert_int_equal(plan.bounds[HF_BOUND_PIDS].origin.line, 3);
    assert_int_equal(plan.bounds[HF_BOUND_CORE].value, 0);
    assert_int_equal(plan.bounds[HF_BOUND_CORE].origin.kind, HF_ORIGIN_BASELINE);

    policy.bounds[HF_BOUND_CORE] = (struct hf_bound){true, MIB, {4, 9, NULL}};
    hf_plan_bounds(&policy, &plan);
    assert_int_equal(plan.bounds[HF_BOUND_CORE].value, MIB);
    assert_int_equal(plan.bounds[HF_BOUND_CORE].origin.line, 4);
}

static void a_limit_of_all_processes_wants_a_cgroup_and_no_other_does(void **state)
{
    (void)state;
    for (enum hf_bound_id id = 0; id < HF_BOUND_COUNT; id++) {
        struct hf_plan plan = {.rules = NULL};

        plan.bounds[id].set = true;
        assert_int_equal(hf_plan_wants_cgroup(&plan), id == HF_BOUND_MEMORY || id == HF_BOUND_PIDS || id == HF_BOUND_CPU);
    }
}

static void the_limits_that_there_are_are_shown(void **state)
{
    static const struct {
        enum hf_bound_id id;
        uint64_t value;
        const char *text, *json;
    } table[] = {
        {HF_BOUND_OPEN_FILES, 64, "at most: process.limits.open_files 64 (p.yaml:3:9)\n",
         "{\"key\": \"process.limits.open_files\", \"at_most\": 64, \"unit\": \"1\"}"},
        {HF_BOUND_CPU, 1500, "at most: resources.cpu 1.5 (p.yaml:3:9)\n",
         "{\"key\": \"resources.cpu\", \"at_most\": 1500, \"unit\": \"thousandths of a processor\"}"},
        {HF_BOUND_MEMORY, 4 * MIB, "at most: resources.memory 4MiB (p.yaml:3:9)\n",
         "{\"key\": \"resources.memory\", \"at_most\": 4194304, \"unit\": \"bytes\"}"},
        {HF_BOUND_CPU_TIME, 60, "at most: process.limits.cpu_time 1min (p.yaml:3:9)\n",
         "{\"key\": \"process.limits.cpu_time\", \"at_most\": 60, \"unit\": \"seconds\"}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_plan plan = {.rules = NULL};
        char shown[256] = "", *json;
        FILE *stream = fmemopen(shown, sizeof(shown), "w");
        json_t *all;

        assert_non_null(stream);
        plan.bounds[table[i].id] = (struct hf_planned_bound){
            .set = true, .value = table[i].value, .origin = {.kind = HF_ORIGIN_POLICY, .line = 3, .column = 9}};
        all = hf_bounds_json(&plan);
        hf_bounds_print(&plan, "p.yaml", stream);
        fclose(stream);
        assert_string_equal(shown, table[i].text);
        assert_int_equal(json_array_size(all), 1);
        assert_int_equal(json_object_del(json_array_get(all, 0), "origin"), 0);
        json = json_dumps(json_array_get(all, 0), 0);
        assert_string_equal(json, table[i].json);
        free(json);
        json_decref(all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_with_their_units),
        cmocka_unit_test(what_is_no_value_is_none),
        cmocka_unit_test(ranges_are_written_as_they_are_read),
        cmocka_unit_test(a_plan_has_what_is_asked_for_and_no_core_dumps),
        cmocka_unit_test(a_limit_of_all_processes_wants_a_cgroup_and_no_other_does),
        cmocka_unit_test(the_limits_that_there_are_are_shown),
    };

    return cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
}
