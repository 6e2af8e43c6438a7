/* What the plan says beside its rules, to the bit: errors, limits, names, the rights of a single file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"

#define ABI(n) {.landlock = HF_LANDLOCK_AVAILABLE, .abi = (n)}

static bool make(const struct hf_policy *policy, enum hf_mode mode, struct hf_facts facts, const char *workdir,
                 struct hf_plan *plan, struct hf_error *error)
{
    const struct hf_plan_input input = {
        .policy = policy, .mode = mode, .facts = facts, .workdir = workdir, .run_directory = "/run/holdfast-1"};

    return hf_plan_make(&input, plan, error);
}

static void a_refusal_that_no_call_caused_has_no_errno(void **state)
{
    static const struct hf_policy hard = {.compatibility = HF_COMPATIBILITY_HARD_REQUIREMENT}, empty = {0};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    assert_false(make(&hard, HF_MODE_BLOCK, (struct hf_facts)ABI(1), "/work", &plan, &error));
    assert_int_equal(error.id, HF_LANDLOCK_ABI_TOO_OLD);
    assert_int_equal(error.errnum, 0);
    hf_plan_free(&plan);
    assert_false(make(&empty, HF_MODE_BLOCK, (struct hf_facts)ABI(6), "/", &plan, &error));
    assert_int_equal(error.id, HF_WORKDIR_ROOT);
    assert_int_equal(error.errnum, 0);
    hf_plan_free(&plan);
}

static void the_run_directory_can_be_read_and_listed_and_no_more(void **state)
{
    static const struct hf_policy empty = {0};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    assert_true(make(&empty, HF_MODE_PROXY, (struct hf_facts)ABI(6), "/work", &plan, &error));
    assert_string_equal(plan.rules[plan.rule_count - 1].path, "/run/holdfast-1");
    assert_int_equal(plan.rules[plan.rule_count - 1].access, HF_FS_READ_FILE | HF_FS_READ_DIR);
    hf_plan_free(&plan);
}

static void a_kernel_without_landlock_lacks_what_came_with_abi_1(void **state)
{
    static const struct hf_policy empty = {0};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    assert_true(make(&empty, HF_MODE_BLOCK, (struct hf_facts){.landlock = HF_LANDLOCK_NONE}, "/work", &plan, &error));
    assert_string_equal(plan.limits[0].right, "landlock");
    assert_int_equal(plan.limits[0].since, 1);
    hf_plan_free(&plan);
}

static void a_plan_that_was_freed_is_empty(void **state)
{
    static const struct hf_plan nothing = {0};
    static const struct hf_policy empty = {0};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    assert_true(make(&empty, HF_MODE_PROXY, (struct hf_facts)ABI(6), "/work", &plan, &error));
    hf_plan_free(&plan);
    assert_int_equal(plan.mode, nothing.mode);
    assert_null(plan.rules);
    assert_int_equal(plan.rule_count, 0);
}

/* As the kernel's ACCESS_FILE (security/landlock/fs.c): any other right in a rule for a file is EINVAL. */
static void a_file_has_these_rights(void **state)
{
    (void)state;
    assert_int_equal(hf_rights_for_file(), HF_FS_EXECUTE | HF_FS_WRITE_FILE | HF_FS_READ_FILE | HF_FS_TRUNCATE |
                                               HF_FS_IOCTL_DEV | HF_FS_RESOLVE_UNIX);
}

static void names_are_those_of_the_policy(void **state)
{
    (void)state;
    assert_string_equal(hf_compatibility_name(HF_COMPATIBILITY_HARD_REQUIREMENT), "hard_requirement");
    assert_string_equal(hf_compatibility_name(HF_COMPATIBILITY_BEST_EFFORT), "best_effort");
    assert_string_equal(hf_mode_name(HF_MODE_PROXY), "proxy");
    assert_string_equal(hf_mode_name(HF_MODE_BLOCK), "block");
}

static bool grants(const struct hf_plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->rule_count; i++)
        if (strcmp(plan->rules[i].path, path) == 0)
            return true;
    return false;
}

static void the_default_set_is_all_of_it(void **state)
{
    static const char *const paths[] = {"/bin", "/dev/zero", "/tmp", "/dev/tty", "/work"};
    static const struct hf_policy empty = {0};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    assert_true(make(&empty, HF_MODE_BLOCK, (struct hf_facts)ABI(6), "/work", &plan, &error));
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        assert_true(grants(&plan, paths[i]));
    assert_int_equal(plan.rule_count, 18);
    hf_plan_free(&plan);
}

static void modes_are_read_by_their_names(void **state)
{
    enum hf_mode mode;

    (void)state;
    assert_true(hf_mode_parse("proxy", &mode) && mode == HF_MODE_PROXY);
    assert_true(hf_mode_parse("block", &mode) && mode == HF_MODE_BLOCK);
    assert_false(hf_mode_parse("Block", &mode));
}

static void an_origin_has_the_field_of_a_message(void **state)
{
    const struct hf_origin origin = hf_policy_origin((struct hf_pos){.line = 1, .field = "landlock.compatibility"});

    (void)state;
    assert_string_equal(origin.field, "landlock.compatibility");
    assert_string_equal(hf_policy_origin((struct hf_pos){.line = 1}).field, "");
}

static void who_is_too_old_is_told(void **state)
{
    struct hf_policy hard = {.compatibility = HF_COMPATIBILITY_HARD_REQUIREMENT, .min_abi = 3};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    assert_false(make(&hard, HF_MODE_BLOCK, (struct hf_facts)ABI(2), "/work", &plan, &error));
    assert_string_equal(error.object, "this kernel has ABI 2, ABI 3 is required");
    hf_plan_free(&plan);
    hard.min_abi = HF_ABI_NEWEST + 1;
    assert_false(make(&hard, HF_MODE_BLOCK, (struct hf_facts)ABI(HF_ABI_NEWEST + 1), "/work", &plan, &error));
    assert_memory_equal(error.object, "this holdfast knows", strlen("this holdfast knows"));
    hf_plan_free(&plan);
}

static void networks_are_the_proxys(void **state)
{
    static struct hf_network_policy networks[2];
    const struct hf_policy policy = {.networks = networks, .network_count = 2};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    assert_true(make(&policy, HF_MODE_PROXY, (struct hf_facts)ABI(6), "/work", &plan, &error));
    assert_int_equal(plan.network_count, 2);
    hf_plan_free(&plan);
    assert_true(make(&policy, HF_MODE_BLOCK, (struct hf_facts)ABI(6), "/work", &plan, &error));
    assert_int_equal(plan.network_count, 0);
    hf_plan_free(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_that_no_call_caused_has_no_errno),
        cmocka_unit_test(the_run_directory_can_be_read_and_listed_and_no_more),
        cmocka_unit_test(a_kernel_without_landlock_lacks_what_came_with_abi_1),
        cmocka_unit_test(a_plan_that_was_freed_is_empty),
        cmocka_unit_test(a_file_has_these_rights),
        cmocka_unit_test(names_are_those_of_the_policy),
        cmocka_unit_test(the_default_set_is_all_of_it),
        cmocka_unit_test(modes_are_read_by_their_names),
        cmocka_unit_test(an_origin_has_the_field_of_a_message),
        cmocka_unit_test(who_is_too_old_is_told),
        cmocka_unit_test(networks_are_the_proxys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
