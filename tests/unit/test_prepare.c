/* Opening the plan's paths: the first that cannot be opened for a shortage ends it, whatever the compatibility, and is the one that
 * is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforce/prepare.h"

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
    for (int compatibility = HF_COMPATIBILITY_BEST_EFFORT; compatibility <= HF_COMPATIBILITY_HARD_REQUIREMENT; compatibility++) {
        const struct hf_plan plan = {.compatibility = (enum hf_compatibility)compatibility, .rules = rules, .rule_count = 2};
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

/* As AddressSanitizer does by itself, it would end instead. */
__attribute__((weak)) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_shortage_is_no_missing_path),
                                       cmocka_unit_test(without_memory_nothing_is_prepared)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
