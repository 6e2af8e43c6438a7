/* Opening the plan's paths: the first that cannot be opened for a shortage ends it, whatever the compatibility, and is the one
 * that is told. A descriptor may be any, 0 as well. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforce/prepare.h"
#include "kernel/facts.h"
#include "plan/rights.h"
#include "so.h"

static void a_shortage_is_no_missing_path(void **state)
{
    static const char first[] = "/", second[] = "/nowhere-at-all";
    struct hf_rule rules[] = {
        {.path = (char *)(uintptr_t)first, .origin = {.kind = HF_ORIGIN_POLICY, .line = 3}},
        {.path = (char *)(uintptr_t)second, .origin = {.kind = HF_ORIGIN_POLICY, .line = 4}},
    };
    struct rlimit before, none;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (int level = HF_COMPATIBILITY_BEST_EFFORT; level <= HF_COMPATIBILITY_HARD_REQUIREMENT; level++) {
        const struct hf_plan plan = {.compatibility = (enum hf_compatibility)level, .rules = rules, .rule_count = 2};
        struct hf_prepared prepared;
        struct hf_error error;
        bool done;

        none = (struct rlimit){0, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        done = hf_prepare(&plan, &prepared, &error);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_false(done);
        assert_int_equal(error.id, HF_PATH_UNUSABLE);
        assert_int_equal(error.errnum, EMFILE);
        assert_int_equal(error.stage, HF_STAGE_PREPARE);
        assert_string_equal(error.object, first);
        assert_int_equal(error.origin.line, 3);
    }
}

static void without_memory_nothing_is_prepared(void **state)
{
    struct hf_rule none;
    const struct hf_plan plan = {.rules = &none, .rule_count = SIZE_MAX / 2}; /* of which none can be looked at */
    struct hf_prepared prepared;
    struct hf_error error;

    (void)state;
    assert_false(hf_prepare(&plan, &prepared, &error));
    assert_int_equal(error.errnum, ENOMEM);
    assert_int_equal(error.stage, HF_STAGE_PREPARE);
}

/* Of a caller who has no standard input, as a daemon. */
static int prepare_without_input(int landlock)
{
    static const char root[] = "/";
    struct hf_rule rule = {.path = (char *)(uintptr_t)root, .origin = {.kind = HF_ORIGIN_POLICY}};
    const struct hf_plan plan = {
        .landlock = landlock, .handled_fs = HF_FS_READ_FILE, .rules = &rule, .rule_count = landlock ? 0 : 1};
    struct hf_prepared prepared;
    struct hf_error error;

    SO(close(STDIN_FILENO) == 0 && hf_prepare(&plan, &prepared, &error));
    SO(prepared.opened_count == plan.rule_count && prepared.skipped_count == 0);
    SO(prepared.ruleset == (landlock ? STDIN_FILENO : -1));
    hf_prepared_free(&prepared);
    SO(fcntl(STDIN_FILENO, F_GETFD) < 0);
    return 0;
}

static void a_descriptor_may_have_any_number(void **state)
{
    (void)state;
    in_a_child(prepare_without_input, false);
    if (hf_facts_probe().abi > 0)
        in_a_child(prepare_without_input, true);
}

/* By default AddressSanitizer ends a process that gets no memory. */
__attribute__((weak)) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_shortage_is_no_missing_path),
                                       cmocka_unit_test(without_memory_nothing_is_prepared),
                                       cmocka_unit_test(a_descriptor_may_have_any_number)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
