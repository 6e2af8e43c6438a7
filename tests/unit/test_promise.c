/* Promises, their means and what is lost, by kernel and mode; and errata. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/errata.h"
#include "plan/promise.h"
#include "report/warnings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct hf_plan plan_for(int abi, enum hf_mode mode, const struct hf_policy *policy)
{
    const struct hf_plan_input input = {
        .policy = policy,
        .mode = mode,
        .facts = {.landlock = abi ? HF_LANDLOCK_AVAILABLE : HF_LANDLOCK_NONE, .abi = abi},
        .workdir = "/work",
        .run_directory = "/run/holdfast-1",
    };
    struct hf_error error;
    struct hf_plan plan;

    assert_true(hf_plan_make(&input, &plan, &error));
    return plan;
}

static const struct hf_promise *promise_of(const char *name)
{
    for (size_t i = 0; i < hf_promise_count; i++)
        if (strcmp(hf_promises[i].name, name) == 0)
            return &hf_promises[i];
    fail_msg("no promise %s", name);
    return NULL;
}

static bool is_a_limit(const struct hf_plan *plan, const char *right)
{
    for (size_t i = 0; i < plan->limit_count; i++)
        if (strcmp(plan->limits[i].right, right) == 0)
            return true;
    return false;
}

static bool is_lost(const struct hf_plan *plan, const char *right)
{
    for (size_t i = 0; i < hf_promise_count; i++) {
        const char *lost = hf_promise_lost(&hf_promises[i], plan);

        if (lost && strcmp(lost, right) == 0)
            return true;
    }
    return false;
}

/* Both ways: no promise is broken in silence, and no limit is about nothing that was promised. (That renames fail is no
 * promise broken.) */
static void what_is_lost_is_a_limit(void **state)
{
    static const struct hf_policy limited = {.bounds[HF_BOUND_PIDS] = {.given = true, .value = 8}};

    (void)state;
    for (int abi = 0; abi <= HF_ABI_NEWEST; abi++)
        for (int mode = HF_MODE_BLOCK; mode <= HF_MODE_PROXY; mode++) {
            struct hf_plan plan = plan_for(abi, (enum hf_mode)mode, &limited);

            for (size_t i = 0; i < hf_promise_count; i++) {
                const char *lost = hf_promise_lost(&hf_promises[i], &plan);

                assert_true(!lost || is_a_limit(&plan, lost));
                assert_true(lost || hf_promise_means(&hf_promises[i], &plan));
            }
            for (size_t i = 0; i < plan.limit_count; i++)
                assert_true(is_lost(&plan, plan.limits[i].right) || strcmp(plan.limits[i].right, "refer") == 0);
            hf_plan_free(&plan);
        }
}

static void means_by_abi_and_mode(void **state)
{
    enum { BLOCK = HF_MODE_BLOCK, PROXY = HF_MODE_PROXY, LANDLOCK = HF_MEANS_LANDLOCK, SECCOMP = HF_MEANS_SECCOMP,
           NETWORK = HF_MEANS_NETWORK_NAMESPACE, PROCESS = HF_MEANS_PROCESS_NAMESPACE };
    static const struct {
        const char *promise;
        int abi, mode;
        unsigned means;
        const char *lost;
    } table[] = {
        {"files", 0, BLOCK, 0, "landlock"},
        {"files", 1, PROXY, LANDLOCK, NULL},
        {"truncation", 0, BLOCK, 0, "landlock"},
        {"truncation", 2, BLOCK, 0, "truncate"},
        {"truncation", 3, BLOCK, LANDLOCK, NULL},
        {"device_ioctls", 4, BLOCK, 0, "ioctl_dev"},
        {"device_ioctls", 5, PROXY, LANDLOCK, NULL},
        {"unix_sockets", 8, BLOCK, 0, "resolve_unix"},
        {"unix_sockets", 9, BLOCK, LANDLOCK, NULL},
        {"abstract_sockets", 5, PROXY, NETWORK, NULL},
        {"abstract_sockets", 6, PROXY, NETWORK | LANDLOCK, NULL},
        {"tcp", 0, BLOCK, NETWORK | SECCOMP, NULL},
        {"tcp", 4, BLOCK, NETWORK | SECCOMP | LANDLOCK, NULL},
        {"tcp", 11, PROXY, NETWORK | HF_MEANS_PROXY, NULL},
        {"udp", 9, BLOCK, NETWORK | SECCOMP, NULL},
        {"udp", 10, BLOCK, NETWORK | SECCOMP | LANDLOCK, NULL},
        {"udp", 11, PROXY, NETWORK, NULL},
        {"signals", 0, BLOCK, PROCESS, "signal"},
        {"signals", 5, BLOCK, PROCESS, "signal"},
        {"signals", 6, BLOCK, PROCESS | LANDLOCK, NULL},
        {"shared_memory", 0, PROXY, HF_MEANS_IPC_NAMESPACE, NULL},
    };
    static const struct hf_policy empty = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_plan plan = plan_for(table[i].abi, (enum hf_mode)table[i].mode, &empty);
        const struct hf_promise *promise = promise_of(table[i].promise);
        const char *lost = hf_promise_lost(promise, &plan);

        assert_int_equal(hf_promise_means(promise, &plan), table[i].means);
        assert_string_equal(lost ? lost : "", table[i].lost ? table[i].lost : "");
        hf_plan_free(&plan);
    }
}

static void a_cgroup_is_there_where_a_policy_wants_one(void **state)
{
    struct hf_policy policy = {0};
    const struct hf_promise *resources = promise_of("resources");
    struct hf_plan plan = plan_for(6, HF_MODE_BLOCK, &policy);

    (void)state;
    assert_int_equal(hf_promise_means(resources, &plan), 0);
    hf_plan_free(&plan);
    policy.bounds[HF_BOUND_PIDS] = (struct hf_bound){.given = true, .value = 8};
    plan = plan_for(6, HF_MODE_BLOCK, &policy);
    assert_int_equal(hf_promise_means(resources, &plan), HF_MEANS_CGROUP);
    hf_plan_free(&plan);
}

static void a_policy_loses_what_it_has(void **state)
{
    struct hf_path data = {.path = (char *)(uintptr_t) "/data", .pos = {4, 5}};
    const struct hf_path_list one = {.items = &data, .count = 1, .given = true};
    const struct {
        struct hf_policy policy;
        bool refer, ioctl;
    } table[] = {
        {{.read_only = one}, false, true},
        {{.read_write = one}, true, false},
        {{0}, true, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_plan plan = plan_for(1, HF_MODE_PROXY, &table[i].policy);

        assert_int_equal(is_a_limit(&plan, "refer"), table[i].refer);
        assert_int_equal(is_a_limit(&plan, "ioctl_dev"), table[i].ioctl);
        assert_true(is_a_limit(&plan, "truncate"));
        hf_plan_free(&plan);
    }
}

static void an_erratum_is_open_where_the_kernel_says_so(void **state)
{
    static const struct {
        unsigned number;
        struct hf_facts facts;
        bool open;
    } table[] = {
        {3, {.abi = 7, .errata_told = true, .errata = 0x3}, true},
        {3, {.abi = 7, .errata_told = true, .errata = 0x7}, false},
        {3, {.abi = 2, .errata_told = false}, false},
        {1, {.abi = 3, .errata_told = true}, false},
        {1, {.abi = 4, .errata_told = true}, true},
        {2, {.abi = 5, .errata_told = true}, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        for (size_t j = 0; j < hf_errata_count; j++)
            if (hf_errata[j].number == table[i].number)
                assert_int_equal(hf_erratum_open(&hf_errata[j], &table[i].facts), table[i].open);
}

static void note(void *to, const char *text)
{
    bool *told = to;

    *told = *told || strstr(text, "landlock's erratum 3 is not fixed");
}

static void one_that_makes_a_promise_weaker_is_a_warning(void **state)
{
    static const struct hf_policy empty = {0};
    const struct hf_prepared nothing_skipped = {.ruleset = -1};
    struct hf_plan plan = plan_for(HF_ABI_NEWEST, HF_MODE_BLOCK, &empty);

    (void)state;
    plan.facts.errata_told = true;
    for (int fixed = 0; fixed <= 1; fixed++) {
        bool told = false;

        plan.facts.errata = fixed ? 1U << 2 : 0;
        hf_warnings_each(&plan, &nothing_skipped, NULL, note, &told);
        assert_int_equal(told, !fixed);
    }
    hf_plan_free(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_lost_is_a_limit),
        cmocka_unit_test(means_by_abi_and_mode),
        cmocka_unit_test(a_cgroup_is_there_where_a_policy_wants_one),
        cmocka_unit_test(a_policy_loses_what_it_has),
        cmocka_unit_test(an_erratum_is_open_where_the_kernel_says_so),
        cmocka_unit_test(one_that_makes_a_promise_weaker_is_a_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
