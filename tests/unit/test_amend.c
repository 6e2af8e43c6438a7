/* Which policies a run can go on by: what means the same is the same, and every key against it is named. */
#include "policy/amend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ENDPOINT "host: a.test, port: 443, protocol: rest, access: full"
#define NETWORK "network_policies: {n: {endpoints: [{" ENDPOINT "}]}}\n"
#define ENDED "network_policies: {n: {endpoints: [{" ENDPOINT ", tls: terminate}]}}\n"
#define WILDCARD(host) \
    "network_policies: {n: {endpoints: [{host: '" host "', port: 1, protocol: rest, access: full, tls: terminate}]}}\n"
#define PROGRAMS "network_policies: {n: {endpoints: [{" ENDPOINT "}], binaries: [{path: /usr/bin/curl}]}}\n"

struct row {
    const char *title;
    const char *started, *policy; /* without the version */
    const char *keys;             /* what is against it, by field; "" where nothing is */
};

static const struct row rows[] = {
    {"the same", NETWORK, NETWORK, ""},
    {"networks that were not there", "", NETWORK, ""},
    {"no networks any more", NETWORK, "", ""},
    {"networks that are empty", NETWORK, "network_policies: {}\n", ""},

    {"a section that is empty, and none", "landlock: {}\n", "", ""},
    {"best_effort, and nothing", "landlock: {compatibility: best_effort}\n", "", ""},
    {"hard_requirement, and nothing", "landlock: {compatibility: hard_requirement}\n", "", "landlock.compatibility "},
    {"another compatibility", "", "landlock: {compatibility: hard_requirement}\n", "landlock.compatibility "},
    {"the least ABI, and nothing", "landlock: {min_abi: 2}\n", "", ""},
    {"another ABI", "landlock: {min_abi: 3}\n", "landlock: {min_abi: 4}\n", "landlock.min_abi "},

    {"no section of files, and one that adds the working directory", "", "filesystem_policy: {include_workdir: true}\n", ""},
    {"no section of files, and one that does not", "", "filesystem_policy: {}\n", "filesystem_policy.include_workdir "},
    {"the same paths in another order", "filesystem_policy: {read_only: [/a, /b]}\n",
     "filesystem_policy: {read_only: [/b, /a]}\n", ""},
    {"one path more", "filesystem_policy: {read_only: [/a]}\n", "filesystem_policy: {read_only: [/a, /b]}\n",
     "filesystem_policy.read_only "},
    {"one path less", "filesystem_policy: {read_only: [/a, /b]}\n", "filesystem_policy: {read_only: [/b]}\n",
     "filesystem_policy.read_only "},
    {"a path that can be written now", "filesystem_policy: {read_only: [/a], read_write: []}\n",
     "filesystem_policy: {read_only: [], read_write: [/a]}\n", "filesystem_policy.read_only filesystem_policy.read_write "},
    {"a list that is empty, and none, beside another", "filesystem_policy: {read_only: [/a], read_write: []}\n",
     "filesystem_policy: {read_only: [/a]}\n", ""},
    {"a list that is empty, and the default set", "filesystem_policy: {read_only: []}\n", "filesystem_policy: {}\n",
     "filesystem_policy.read_only "},
    {"the default set, and a list", "filesystem_policy: {}\n", "filesystem_policy: {read_write: [/a]}\n",
     "filesystem_policy.read_write "},

    {"a user where there was none", "", "process: {run_as_user: nobody}\n", "process.run_as_user "},
    {"no user any more", "process: {run_as_user: nobody}\n", "", "process.run_as_user "},
    {"another user and group", "process: {run_as_user: nobody, run_as_group: a}\n",
     "process: {run_as_user: daemon, run_as_group: b}\n", "process.run_as_user process.run_as_group "},

    {"no core dumps, said or not", "process: {limits: {core: 0B}}\n", "", ""},
    {"core dumps", "", "process: {limits: {core: 1MiB}}\n", "process.limits.core "},
    {"the same limit in another unit", "process: {limits: {file_size: 1MiB}}\n",
     "process: {limits: {file_size: 1024KiB}}\n", ""},
    {"a limit that is gone", "process: {limits: {open_files: 64}}\n", "", "process.limits.open_files "},
    {"a limit that is new", "", "resources: {memory: 64MiB}\n", "resources.memory "},
    {"all of them at once", "", "process: {limits: {processes: 20}}\nresources: {pids: 9, cpu: 0.5}\n",
     "process.limits.processes resources.pids resources.cpu "},

    {"TLS that ends where it did", ENDED, ENDED, ""},
    {"TLS that ends nowhere any more", ENDED, NETWORK, ""},
    {"TLS that ends where no CA is", NETWORK, ENDED, "? "},
    {"TLS that ends at another host", ENDED,
     "network_policies: {n: {endpoints: [{host: b.test, port: 443, protocol: rest, access: full, tls: terminate}]}}\n", "? "},
    {"TLS that ends at another port", ENDED,
     "network_policies: {m: {endpoints: [{host: a.test, port: 8443, protocol: rest, access: full, tls: terminate}]}}\n", ""},
    {"TLS that ends at one host of a wildcard", WILDCARD("*.test"), ENDED, ""},
    {"TLS that ends at a host of a wildcard's domain", WILDCARD("*.b.test"), WILDCARD("b.test"), "? "},
    {"TLS that ends at a host whose name ends alike", WILDCARD("*.b.test"), WILDCARD("ab.test"), "? "},
    {"TLS that ends at less than a wildcard", WILDCARD("*.b.test"), WILDCARD("*.a.b.test"), ""},
    {"TLS that ends at more than a wildcard", WILDCARD("*.a.b.test"), WILDCARD("*.b.test"), "? "},
    {"programs that were told apart", PROGRAMS, PROGRAMS, ""},
    {"programs that need not be any more", PROGRAMS, NETWORK, ""},
    {"programs that cannot be told apart", NETWORK, PROGRAMS, "? "},
    {"a list of programs that is empty", NETWORK,
     "network_policies: {n: {endpoints: [{" ENDPOINT "}], binaries: []}}\n", "? "},
    {"what cannot be enforced", NETWORK, "network_policies: {n: {endpoints: [{host: a.test, port: 1, path: /x}]}}\n", "? "},
    {"middlewares", NETWORK, "network_middlewares: {m: {middleware: x}}\n", "? "},
    {"a static key and a network's", NETWORK, "process: {run_as_user: a}\n" PROGRAMS, "process.run_as_user ? "},
};

static void parse(const char *text, struct hf_policy *policy)
{
    char whole[1024];
    struct hf_diagnostics faults;
    const int length = snprintf(whole, sizeof(whole), "version: 1\n%s", text);

    if (!hf_policy_parse(whole, (size_t)length, policy, &faults))
        fail_msg("%s: %s", text, faults.items[0].message);
    hf_diagnostics_free(&faults);
}

/* Each by its field, and "?" where it has a place in the file. */
static void list_keys(const struct hf_diagnostics *list, char text[static 512])
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        const struct hf_diagnostic *item = &list->items[i];

        assert_true(item->pos.line ? item->field == NULL : item->field && strncmp(item->message, item->field,
                                                                                   strlen(item->field)) == 0);
        used += (size_t)snprintf(text + used, 512 - used, "%s ", item->field ? item->field : "?");
    }
}

static void each_key_against_it_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hf_diagnostics list = {NULL, 0};
        struct hf_policy started, policy;
        struct hf_faults faults = {.list = &list, .policy = &policy};
        char keys[512];

        parse(rows[i].started, &started);
        parse(rows[i].policy, &policy);
        if (hf_amend_check(&started, hf_policy_names_programs(&started), &policy, &faults) != (rows[i].keys[0] == '\0'))
            fail_msg("%s: the answer is another", rows[i].title);
        list_keys(&list, keys);
        if (strcmp(keys, rows[i].keys) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", rows[i].title, keys, rows[i].keys);
        hf_diagnostics_free(&list);
        hf_policy_free(&started);
        hf_policy_free(&policy);
    }
}

/* As where there is a log, in which they are told. */
static void programs_can_be_told_apart_without_having_been_named(void **state)
{
    struct hf_diagnostics list = {NULL, 0};
    struct hf_policy started, policy;
    struct hf_faults faults = {.list = &list, .policy = &policy};

    (void)state;
    parse(NETWORK, &started);
    parse(PROGRAMS, &policy);
    assert_true(hf_amend_check(&started, true, &policy, &faults));
    hf_policy_free(&started);
    hf_policy_free(&policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_against_it_is_named),
        cmocka_unit_test(programs_can_be_told_apart_without_having_been_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
