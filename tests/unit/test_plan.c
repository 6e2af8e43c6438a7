/* The plan by table: policy x mode x kernel -> starts or refused, rules, limits. The laws that are the plan's stand here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"

#define ABI(n) {.landlock = HF_LANDLOCK_AVAILABLE, .abi = (n)}
#define WITHOUT(state) {.landlock = (state)}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool make(const struct hf_policy *policy, enum hf_mode mode, struct hf_facts facts, struct hf_plan *plan,
                 struct hf_error *error)
{
    const struct hf_plan_input input = {
        .policy = policy, .mode = mode, .facts = facts, .workdir = "/work", .run_directory = "/run/holdfast-1"};

    return hf_plan_make(&input, plan, error);
}

static struct hf_plan must_make(const struct hf_policy *policy, enum hf_mode mode, struct hf_facts facts)
{
    struct hf_error error;
    struct hf_plan plan;

    assert_true(make(policy, mode, facts, &plan, &error));
    return plan;
}

static const struct hf_rule *rule_of(const struct hf_plan *plan, const char *path)
{
    for (size_t i = 0; i < plan->rule_count; i++)
        if (strcmp(plan->rules[i].path, path) == 0)
            return &plan->rules[i];
    return NULL;
}

/* The design's bug table, right column. */
static void the_levels_start_and_refuse_as_the_design_says(void **state)
{
    static const struct {
        enum hf_compatibility compatibility;
        struct hf_facts facts;
        enum hf_error_id error;
        bool landlock;
        bool weaker;
    } table[] = {
        {HF_COMPATIBILITY_OMITTED, WITHOUT(HF_LANDLOCK_NONE), HF_OK, false, true},
        {HF_COMPATIBILITY_OMITTED, ABI(1), HF_OK, true, true},
        {HF_COMPATIBILITY_OMITTED, ABI(2), HF_OK, true, false},
        {HF_COMPATIBILITY_OMITTED, ABI(11), HF_OK, true, false},
        {HF_COMPATIBILITY_BEST_EFFORT, WITHOUT(HF_LANDLOCK_OFF), HF_OK, false, true},
        {HF_COMPATIBILITY_BEST_EFFORT, WITHOUT(HF_LANDLOCK_BLOCKED), HF_OK, false, true},
        {HF_COMPATIBILITY_BEST_EFFORT, ABI(1), HF_OK, true, true},
        {HF_COMPATIBILITY_BEST_EFFORT, ABI(2), HF_OK, true, false},
        {HF_COMPATIBILITY_HARD_REQUIREMENT, WITHOUT(HF_LANDLOCK_NONE), HF_LANDLOCK_UNAVAILABLE, false, true},
        {HF_COMPATIBILITY_HARD_REQUIREMENT, WITHOUT(HF_LANDLOCK_OFF), HF_LANDLOCK_UNAVAILABLE, false, true},
        {HF_COMPATIBILITY_HARD_REQUIREMENT, WITHOUT(HF_LANDLOCK_BLOCKED), HF_LANDLOCK_UNAVAILABLE, false, true},
        {HF_COMPATIBILITY_HARD_REQUIREMENT, ABI(1), HF_LANDLOCK_ABI_TOO_OLD, true, true},
        {HF_COMPATIBILITY_HARD_REQUIREMENT, ABI(2), HF_OK, true, false},
        {HF_COMPATIBILITY_HARD_REQUIREMENT, ABI(11), HF_OK, true, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        for (int mode = HF_MODE_BLOCK; mode <= HF_MODE_PROXY; mode++) {
            const struct hf_policy policy = {.compatibility = table[i].compatibility, .compatibility_pos = {3, 18}};
            struct hf_error error = {.id = HF_OK};
            struct hf_plan plan;

            assert_int_equal(make(&policy, (enum hf_mode)mode, table[i].facts, &plan, &error), !table[i].error);
            assert_int_equal(error.id, table[i].error);
            assert_int_equal(error.origin.line, table[i].error ? 3 : 0);
            assert_int_equal(plan.landlock, table[i].landlock);
            assert_int_equal(plan.weaker, table[i].weaker);
            hf_plan_free(&plan);
        }
}

static void a_policy_raises_the_least_abi_of_hard_requirement(void **state)
{
    static const struct {
        unsigned min_abi;
        struct hf_facts facts;
        enum hf_error_id error;
        bool weaker;
        unsigned line; /* of the error */
    } table[] = {
        {0, ABI(1), HF_LANDLOCK_ABI_TOO_OLD, true, 3},
        {2, ABI(1), HF_LANDLOCK_ABI_TOO_OLD, true, 3},
        {2, ABI(2), HF_OK, false, 0},
        {6, ABI(5), HF_LANDLOCK_ABI_TOO_OLD, true, 4},
        {6, ABI(6), HF_OK, false, 0},
        {6, WITHOUT(HF_LANDLOCK_OFF), HF_LANDLOCK_UNAVAILABLE, true, 4},
        /* What the kernel has and this version does not use does not count. */
        {HF_ABI_NEWEST + 1, ABI(HF_ABI_NEWEST + 1), HF_LANDLOCK_ABI_TOO_OLD, true, 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_policy policy = {.compatibility = HF_COMPATIBILITY_HARD_REQUIREMENT,
                                   .compatibility_pos = {3, 18},
                                   .min_abi = table[i].min_abi,
                                   .min_abi_pos = {4, 12}};
        struct hf_error error = {.id = HF_OK};
        struct hf_plan plan;

        assert_int_equal(make(&policy, HF_MODE_BLOCK, table[i].facts, &plan, &error), !table[i].error);
        assert_int_equal(error.id, table[i].error);
        assert_int_equal(error.origin.line, table[i].line);
        assert_int_equal(plan.weaker, table[i].weaker);
        hf_plan_free(&plan);
        policy.compatibility = HF_COMPATIBILITY_OMITTED;
        plan = must_make(&policy, HF_MODE_BLOCK, table[i].facts);
        assert_int_equal(plan.weaker, table[i].weaker);
        hf_plan_free(&plan);
    }
}

static void mode_changes_no_file_rule_but_the_runtimes_own(void **state)
{
    static const struct hf_policy empty = {0};

    (void)state;
    for (int abi = 1; abi <= HF_ABI_NEWEST; abi++) {
        struct hf_plan block = must_make(&empty, HF_MODE_BLOCK, (struct hf_facts)ABI(abi));
        struct hf_plan proxy = must_make(&empty, HF_MODE_PROXY, (struct hf_facts)ABI(abi));

        assert_int_equal(block.handled_fs, proxy.handled_fs);
        assert_int_equal(block.rule_count + 1, proxy.rule_count);
        for (size_t i = 0; i < block.rule_count; i++) {
            assert_string_equal(block.rules[i].path, proxy.rules[i].path);
            assert_int_equal(block.rules[i].access, proxy.rules[i].access);
        }
        assert_int_equal(proxy.rules[block.rule_count].origin.kind, HF_ORIGIN_RUNTIME);
        hf_plan_free(&block);
        hf_plan_free(&proxy);
    }
}

static void lists_are_the_whole_truth_and_none_means_the_default_set(void **state)
{
    struct hf_path usr = {.path = (char *)(uintptr_t) "/usr", .pos = {4, 5}};
    const struct hf_path_list one = {.items = &usr, .count = 1, .given = true};
    const struct hf_path_list none = {.given = true};
    const struct {
        struct hf_policy policy;
        bool baseline;
        bool workdir;
    } table[] = {
        {{0}, true, true},
        {{.filesystem_given = true}, true, true},
        {{.filesystem_given = true, .include_workdir = HF_FALSE}, true, false},
        {{.filesystem_given = true, .include_workdir = HF_TRUE}, true, true},
        {{.filesystem_given = true, .read_only = one}, false, false},
        {{.filesystem_given = true, .read_only = none}, false, false},
        {{.filesystem_given = true, .read_write = none}, false, false},
        {{.filesystem_given = true, .read_only = one, .include_workdir = HF_TRUE}, false, true},
        {{.filesystem_given = true, .read_only = none, .include_workdir = HF_TRUE}, false, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_plan plan = must_make(&table[i].policy, HF_MODE_BLOCK, (struct hf_facts)ABI(6));

        assert_int_equal(rule_of(&plan, "/etc") != NULL, table[i].baseline);
        assert_int_equal(rule_of(&plan, "/work") != NULL, table[i].workdir);
        assert_true(plan.landlock);
        hf_plan_free(&plan);
    }
}

static void an_explicit_read_only_working_directory_is_not_widened(void **state)
{
    struct hf_path work = {.path = (char *)(uintptr_t) "/work", .pos = {4, 5}};
    const struct hf_policy policy = {.filesystem_given = true,
                                     .include_workdir = HF_TRUE,
                                     .read_only = {.items = &work, .count = 1, .given = true}};
    struct hf_plan plan = must_make(&policy, HF_MODE_BLOCK, (struct hf_facts)ABI(6));

    (void)state;
    assert_int_equal(plan.rule_count, 1);
    assert_int_equal(plan.rules[0].access, HF_ACCESS_READ_ONLY);
    assert_int_equal(plan.rules[0].origin.line, 4);
    hf_plan_free(&plan);
}

static void each_abi_handles_what_it_has(void **state)
{
    static const struct {
        int abi;
        uint64_t fs, net, scoped;
    } table[] = {
        {1, (1ULL << 13) - 1, 0, 0},     {2, (1ULL << 14) - 1, 0, 0},    {3, (1ULL << 15) - 1, 0, 0},
        {4, (1ULL << 15) - 1, 3, 0},     {5, (1ULL << 16) - 1, 3, 0},    {6, (1ULL << 16) - 1, 3, 3},
        {8, (1ULL << 16) - 1, 3, 3},     {9, (1ULL << 17) - 1, 3, 3},    {10, (1ULL << 17) - 1, 15, 3},
        {11, (1ULL << 17) - 1, 15, 3},   {42, (1ULL << 17) - 1, 15, 3},
    };
    static const struct hf_policy empty = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_plan plan = must_make(&empty, HF_MODE_BLOCK, (struct hf_facts)ABI(table[i].abi));
        const struct hf_rule *work = rule_of(&plan, "/work");

        assert_int_equal(plan.handled_fs, table[i].fs);
        assert_int_equal(plan.handled_net, table[i].net);
        assert_int_equal(plan.scoped, table[i].scoped);
        /* A right that the kernel lacks is cut from a rule; the rest of the rule stays. */
        assert_non_null(work);
        assert_int_equal(work->access, table[i].fs);
        hf_plan_free(&plan);
    }
}

/* The network namespace holds what there is of a network, and the sandbox's own servers are its own affair. */
static void proxy_mode_leaves_the_ports_to_the_namespace(void **state)
{
    static const struct hf_policy empty = {0};

    (void)state;
    for (int abi = 1; abi <= HF_ABI_NEWEST; abi++) {
        struct hf_plan plan = must_make(&empty, HF_MODE_PROXY, (struct hf_facts)ABI(abi));

        assert_int_equal(plan.handled_net, 0);
        hf_plan_free(&plan);
    }
}

static bool loses(const struct hf_plan *plan, const char *right)
{
    for (size_t i = 0; i < plan->limit_count; i++)
        if (strcmp(plan->limits[i].right, right) == 0)
            return true;
    return false;
}

static void what_an_abi_cannot_restrict_is_said(void **state)
{
    static const struct {
        const char *right;
        int since;
    } table[] = {{"refer", 2}, {"truncate", 3}, {"ioctl_dev", 5}, {"signal", 6}, {"resolve_unix", 9}};
    static const struct hf_policy empty = {0};

    (void)state;
    for (int abi = 1; abi <= HF_ABI_NEWEST; abi++) {
        struct hf_plan plan = must_make(&empty, HF_MODE_BLOCK, (struct hf_facts)ABI(abi));

        for (size_t i = 0; i < COUNT(table); i++)
            assert_int_equal(loses(&plan, table[i].right), abi < table[i].since);
        assert_false(loses(&plan, "landlock"));
        hf_plan_free(&plan);
    }
}

static void without_landlock_that_is_said_first(void **state)
{
    static const struct hf_policy empty = {0};
    struct hf_plan plan = must_make(&empty, HF_MODE_BLOCK, (struct hf_facts)WITHOUT(HF_LANDLOCK_NONE));

    (void)state;
    assert_string_equal(plan.limits[0].right, "landlock");
    assert_true(loses(&plan, "signal"));
    hf_plan_free(&plan);
}

static void the_root_is_never_made_writable_as_working_directory(void **state)
{
    static const struct hf_policy empty = {0};
    const struct hf_plan_input input = {
        .policy = &empty, .facts = ABI(6), .workdir = "/", .run_directory = "/run/holdfast-1"};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    assert_false(hf_plan_make(&input, &plan, &error));
    assert_int_equal(error.id, HF_WORKDIR_ROOT);
    hf_plan_free(&plan);
}

static void the_mode_follows_the_networks(void **state)
{
    struct hf_network_policy network = {0};
    const struct hf_policy with = {.networks = &network, .network_count = 1};
    static const struct hf_policy without = {0};

    (void)state;
    assert_int_equal(hf_mode_of(&with), HF_MODE_PROXY);
    assert_int_equal(hf_mode_of(&without), HF_MODE_BLOCK);
}

/* At every level and on every kernel: what it could not hold is no matter of Landlock's. */
static void a_limit_that_cannot_be_enforced_refuses_proxy_mode_alone(void **state)
{
    struct hf_unenforced keys[] = {{"tls", {.line = 5, .column = 9}},
                                   {"access", {.line = 6, .column = 5}},
                                   {"tls", {.line = 8, .column = 9}}};
    const struct hf_policy policy = {
        .unenforced = keys, .unenforced_count = COUNT(keys), .compatibility = HF_COMPATIBILITY_HARD_REQUIREMENT};
    const struct hf_facts facts[] = {WITHOUT(HF_LANDLOCK_NONE), ABI(1), ABI(6)};
    struct hf_error error;
    struct hf_plan plan;

    (void)state;
    for (size_t i = 0; i < COUNT(facts); i++) {
        assert_false(make(&policy, HF_MODE_PROXY, facts[i], &plan, &error));
        assert_int_equal(error.id, HF_POLICY_UNSUPPORTED);
        assert_string_equal(error.object, "tls (line 5), access (line 6)");
        assert_int_equal(error.origin.line, 5);
        assert_int_equal(error.origin.column, 9);
        hf_plan_free(&plan);
    }
    plan = must_make(&policy, HF_MODE_BLOCK, (struct hf_facts)ABI(6));
    hf_plan_free(&plan);
}

static void kernels_to_plan_for_are_read_from_words(void **state)
{
    static const struct {
        const char *text;
        bool valid;
        enum hf_landlock_state landlock;
        int abi;
    } table[] = {
        {"1", true, HF_LANDLOCK_AVAILABLE, 1},   {"11", true, HF_LANDLOCK_AVAILABLE, 11},
        {"none", true, HF_LANDLOCK_NONE, 0},     {"off", true, HF_LANDLOCK_OFF, 0},
        {"blocked", true, HF_LANDLOCK_BLOCKED, 0}, {"0", false, HF_LANDLOCK_AVAILABLE, 0},
        {"", false, HF_LANDLOCK_AVAILABLE, 0},   {"6x", false, HF_LANDLOCK_AVAILABLE, 0},
        {"-1", false, HF_LANDLOCK_AVAILABLE, 0}, {"available", false, HF_LANDLOCK_AVAILABLE, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_facts facts;

        assert_int_equal(hf_facts_parse(table[i].text, &facts), table[i].valid);
        if (table[i].valid) {
            assert_int_equal(facts.landlock, table[i].landlock);
            assert_int_equal(facts.abi, table[i].abi);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_levels_start_and_refuse_as_the_design_says),
        cmocka_unit_test(a_policy_raises_the_least_abi_of_hard_requirement),
        cmocka_unit_test(mode_changes_no_file_rule_but_the_runtimes_own),
        cmocka_unit_test(lists_are_the_whole_truth_and_none_means_the_default_set),
        cmocka_unit_test(an_explicit_read_only_working_directory_is_not_widened),
        cmocka_unit_test(each_abi_handles_what_it_has),
        cmocka_unit_test(proxy_mode_leaves_the_ports_to_the_namespace),
        cmocka_unit_test(what_an_abi_cannot_restrict_is_said),
        cmocka_unit_test(without_landlock_that_is_said_first),
        cmocka_unit_test(the_root_is_never_made_writable_as_working_directory),
        cmocka_unit_test(the_mode_follows_the_networks),
        cmocka_unit_test(a_limit_that_cannot_be_enforced_refuses_proxy_mode_alone),
        cmocka_unit_test(kernels_to_plan_for_are_read_from_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
