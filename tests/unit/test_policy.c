/* What a policy file may say and what becomes of it, its limits, and how files are read. See test_policy_faults.c for
 * what is refused. */
#include "policy/policy.h"
#include "policy_file.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct row {
    const char *title;
    const char *text;
    void (*check)(const struct hf_policy *policy);
};

static void expect_list(const struct hf_path_list *list, size_t count, const char *last, unsigned line, unsigned column)
{
    assert_true(list->given);
    assert_int_equal(list->count, count);
    assert_string_equal(list->items[count - 1].path, last);
    assert_int_equal(list->items[count - 1].pos.line, line);
    assert_int_equal(list->items[count - 1].pos.column, column);
}

static const struct hf_endpoint *only_endpoint(const struct hf_policy *policy)
{
    assert_int_equal(policy->network_count, 1);
    assert_int_equal(policy->networks[0].endpoint_count, 1);
    return &policy->networks[0].endpoints[0];
}

static void nothing_is_given(const struct hf_policy *policy)
{
    static const struct hf_policy empty;

    assert_memory_equal(policy, &empty, sizeof(empty));
}

static void filesystem_is_given_without_lists(const struct hf_policy *policy)
{
    assert_true(policy->filesystem_given);
    assert_false(policy->read_only.given || policy->read_write.given);
    assert_int_equal(policy->include_workdir, HF_OMITTED);
}

static void lists_are_given_and_empty(const struct hf_policy *policy)
{
    assert_true(policy->read_only.given && policy->read_write.given);
    assert_int_equal(policy->read_only.count + policy->read_write.count, 0);
    assert_int_equal(policy->read_write.pos.line, 4);
    assert_int_equal(policy->read_write.pos.column, 15);
}

static void paths_have_their_places(const struct hf_policy *policy)
{
    expect_list(&policy->read_only, 2, "/lib", 5, 7);
    expect_list(&policy->read_write, 3, "/dev/null", 6, 32);
    assert_int_equal(policy->include_workdir, HF_TRUE);
}

static void paths_are_as_written(const struct hf_policy *policy)
{
    expect_list(&policy->read_only, 4, "/a b/\xc3\xa9/..c/d..", 7, 7);
    assert_string_equal(policy->read_only.items[0].path, "/");
    assert_string_equal(policy->read_only.items[1].path, "//usr/./lib/");
    assert_string_equal(policy->read_only.items[2].path, "/true");
}

static void a_path_may_be_listed_twice(const struct hf_policy *policy)
{
    expect_list(&policy->read_only, 2, "/usr", 3, 21);
}

static void column_counts_characters(const struct hf_policy *policy)
{
    expect_list(&policy->read_only, 2, "/x", 3, 20);
}

static void workdir_is_false(const struct hf_policy *policy)
{
    assert_int_equal(policy->include_workdir, HF_FALSE);
}

static void compatibility_is_best_effort(const struct hf_policy *policy)
{
    assert_int_equal(policy->compatibility, HF_COMPATIBILITY_BEST_EFFORT);
}

static void compatibility_is_hard_requirement(const struct hf_policy *policy)
{
    assert_int_equal(policy->compatibility, HF_COMPATIBILITY_HARD_REQUIREMENT);
    assert_int_equal(policy->compatibility_pos.line, 3);
    assert_int_equal(policy->compatibility_pos.column, 18);
}

static void limits_are_kept(const struct hf_policy *policy)
{
    const struct hf_bound *files = &policy->bounds[HF_BOUND_OPEN_FILES], *memory = &policy->bounds[HF_BOUND_MEMORY];

    assert_true(files->given && memory->given && policy->bounds[HF_BOUND_CPU].given);
    assert_false(policy->bounds[HF_BOUND_PIDS].given || policy->bounds[HF_BOUND_CORE].given);
    assert_int_equal(files->value, 64);
    assert_int_equal(files->pos.line, 2);
    assert_int_equal(files->pos.column, 32);
    assert_int_equal(memory->value, 64 << 20);
    assert_int_equal(policy->bounds[HF_BOUND_CPU].value, 1500);
}

static void least_abi_is_6(const struct hf_policy *policy)
{
    assert_int_equal(policy->min_abi, 6);
    assert_int_equal(policy->min_abi_pos.line, 2);
    assert_int_equal(policy->min_abi_pos.column, 21);
}

static void identity_is_by_name(const struct hf_policy *policy)
{
    assert_string_equal(policy->run_as_user, "sandbox");
    assert_string_equal(policy->run_as_group, "www-data");
    assert_int_equal(policy->run_as_group_pos.line, 4);
}

static void identity_is_by_number(const struct hf_policy *policy)
{
    assert_string_equal(policy->run_as_user, "0");
    assert_string_equal(policy->run_as_group, "4294967294");
}

static void network_is_whole(const struct hf_policy *policy)
{
    const struct hf_network_policy *web = &policy->networks[0];

    assert_int_equal(policy->network_count, 2);
    assert_string_equal(web->key, "web");
    assert_string_equal(web->name, "Web (all of it)");
    assert_int_equal(web->pos.line, 3);
    assert_int_equal(web->endpoint_count, 2);
    assert_string_equal(web->endpoints[0].host, "api.example.com");
    assert_int_equal(web->endpoints[0].port_count, 1);
    assert_int_equal(web->endpoints[0].ports[0], 443);
    assert_int_equal(web->endpoints[0].pos.line, 6);
    assert_string_equal(web->endpoints[1].host, "*.example.com");
    assert_int_equal(web->endpoints[1].port_count, 3);
    assert_int_equal(web->endpoints[1].ports[2], 65535);
    expect_list(&web->binaries, 3, "**", 9, 58);
    assert_string_equal(policy->networks[1].key, "none");
    assert_null(policy->networks[1].name);
    assert_false(policy->networks[1].binaries.given);
    assert_int_equal(policy->unenforced_count, 0);
}

static void all_of_it_is_read_and_told_in_order(const struct hf_policy *policy)
{
    static const char *const keys[] = {"network_middlewares", "protocol: mcp", "tls", "enforcement", "path",
                                       "access",              "rules",    "deny_rules", "mcp"};

    assert_int_equal(policy->unenforced_count, sizeof(keys) / sizeof(keys[0]));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_string_equal(policy->unenforced[i].key, keys[i]);
    assert_int_equal(policy->unenforced[6].pos.line, 22);
    assert_int_equal(policy->unenforced[6].pos.column, 9);
    assert_string_equal(only_endpoint(policy)->host, "api.example.com");
}

static void rules_are_kept_with_their_places(const struct hf_policy *policy)
{
    const struct hf_endpoint *endpoint = only_endpoint(policy);
    const struct hf_request_rule *rule = &endpoint->rules.items[1];

    assert_int_equal(policy->unenforced_count, 0);
    assert_int_equal(endpoint->protocol, HF_PROTOCOL_REST);
    assert_int_equal(endpoint->access, HF_PRESET_OMITTED);
    assert_true(endpoint->is_audited);
    assert_int_equal(endpoint->rules.count, 2);
    assert_int_equal(endpoint->rules.pos.line, 8);
    assert_string_equal(endpoint->rules.items[0].method.text, "GET");
    assert_string_equal(endpoint->rules.items[0].path.text, "/**/info/refs*");
    assert_int_equal(endpoint->rules.items[0].query_count, 0);
    assert_int_equal(rule->pos.line, 10);
    assert_int_equal(rule->pos.column, 11);
    assert_string_equal(rule->method.text, "*");
    assert_int_equal(rule->query_count, 2);
    assert_string_equal(rule->queries[0].name, "service");
    assert_int_equal(rule->queries[0].value_count, 1);
    assert_string_equal(rule->queries[0].values[0].text, "git-*");
    assert_string_equal(rule->queries[1].name, "tag");
    assert_int_equal(rule->queries[1].value_count, 2);
    assert_string_equal(rule->queries[1].values[1].text, "");
    assert_int_equal(endpoint->deny_rules.count, 1);
    assert_string_equal(endpoint->deny_rules.items[0].method.text, "DELETE");
    assert_string_equal(endpoint->deny_rules.items[0].path.text, "**");
}

static void odd_rules_are_read(const struct hf_policy *policy)
{
    const struct hf_request_rules *rules = &only_endpoint(policy)->rules;

    assert_int_equal(policy->unenforced_count, 0);
    assert_int_equal(rules->count, 3);
    assert_string_equal(rules->items[0].method.text, "ACL");
    assert_string_equal(rules->items[0].path.text, "**/a");
    assert_string_equal(rules->items[1].path.text, "/.a/b./...");
}

static void access_is_kept_with_its_place(const struct hf_policy *policy)
{
    const struct hf_endpoint *endpoint = only_endpoint(policy);

    assert_int_equal(policy->unenforced_count, 0);
    assert_int_equal(endpoint->access, HF_PRESET_READ_WRITE);
    assert_int_equal(endpoint->access_pos.line, 4);
    assert_false(endpoint->is_audited);
    assert_false(endpoint->rules.given);
}

static void ranges_have_their_prefixes(const struct hf_policy *policy)
{
    static const unsigned bits[] = {8, 32, 7, 128, 0, 64};
    const struct hf_endpoint *endpoint = only_endpoint(policy);

    assert_int_equal(endpoint->range_count, sizeof(bits) / sizeof(bits[0]));
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        assert_int_equal(endpoint->ranges[i].bits, bits[i]);
        assert_int_equal(endpoint->ranges[i].network.any.sa_family, i == 2 || i == 3 || i == 5 ? AF_INET6 : AF_INET);
    }
    assert_int_equal(endpoint->ranges[0].network.v4.sin_addr.s_addr, htonl(10u << 24));
    assert_int_equal(endpoint->ranges[3].network.v6.sin6_addr.s6_addr[15], 1);
    assert_int_equal(endpoint->ranges[1].pos.line, 4);
    assert_int_equal(endpoint->ranges[1].pos.column, 69);
    assert_int_equal(policy->unenforced_count, 0);
}

static void host_is_lower_case(const struct hf_policy *policy)
{
    assert_string_equal(only_endpoint(policy)->host, "api.example.com");
}

static void host_is_an_ipv4_address(const struct hf_policy *policy)
{
    assert_string_equal(only_endpoint(policy)->host, "169.254.169.254");
}

static void host_is_an_ipv6_address(const struct hf_policy *policy)
{
    assert_string_equal(only_endpoint(policy)->host, "fd00::1");
}

static void host_is_of_253_bytes(const struct hf_policy *policy)
{
    assert_int_equal(strlen(only_endpoint(policy)->host), 253);
}

static void host_begins_with_a_digit(const struct hf_policy *policy)
{
    assert_string_equal(only_endpoint(policy)->host, "1.2.3.4.x5");
}

#define ONE "version: 1\n"
#define FILES ONE "filesystem_policy:\n"
#define HOST(host) ONE "network_policies:\n  web:\n    endpoints: [{host: " host ", port: 443}]\n"
#define LABEL "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"

static const struct row rows[] = {
    {"the version alone", ONE, nothing_is_given},
    {"an explicit document", "---\nversion: 1\n...\n", nothing_is_given},
    {"comments and CRLF", "# policy\r\nversion: 1 # the only one\r\n", nothing_is_given},
    {"flow style and quoted keys", "{\"version\": 1, 'process': {}}", nothing_is_given},
    {"no line feed at the end", "version: 1", nothing_is_given},
    {"empty sections", ONE "landlock: {}\nprocess: {}\nnetwork_policies: {}\n", nothing_is_given},
    {"an empty filesystem_policy", ONE "filesystem_policy: {}\n", filesystem_is_given_without_lists},
    {"empty lists", FILES "  read_only: []\n  read_write: []\n", lists_are_given_and_empty},
    {"paths", FILES "  read_only:\n    - /usr\n    - /lib\n  read_write: [/tmp, /sandbox, /dev/null]\n"
                    "  include_workdir: true\n", paths_have_their_places},
    {"paths with odd characters", FILES "  read_only:\n    - /\n    - //usr/./lib/\n    - /true\n"
                                        "    - /a b/\xc3\xa9/..c/d..\n", paths_are_as_written},
    {"a path twice in one list", FILES "  read_only: [/usr, /usr]\n", a_path_may_be_listed_twice},
    {"columns after a long character", FILES "  read_only: [/\xe2\x82\xac\xe2\x82\xac, /x]\n",
     column_counts_characters},
    {"include_workdir: false", FILES "  include_workdir: false\n", workdir_is_false},
    {"best_effort", ONE "landlock:\n  compatibility: best_effort\n", compatibility_is_best_effort},
    {"best_effort, quoted", ONE "landlock: {compatibility: 'best_effort'}\n", compatibility_is_best_effort},
    {"hard_requirement", ONE "landlock:\n  compatibility: hard_requirement\n", compatibility_is_hard_requirement},
    {"limits", ONE "process: {limits: {open_files: 64}}\nresources: {memory: 64MiB, cpu: 1.5}\n", limits_are_kept},
    {"the least ABI", ONE "landlock: {min_abi: 6}\n", least_abi_is_6},
    {"user and group by name", ONE "process:\n  run_as_user: sandbox\n  run_as_group: www-data\n", identity_is_by_name},
    {"user and group by number", ONE "process:\n  run_as_user: 0\n  run_as_group: \"4294967294\"\n",
     identity_is_by_number},
    {"network policies",
     ONE "network_policies:\n"
         "  web:\n"
         "    name: Web (all of it)\n"
         "    endpoints:\n"
         "      - {host: api.example.com, port: 443}\n"
         "      - host: '*.example.com'\n"
         "        ports: [1, 80, 65535]\n"
         "    binaries: [{path: /usr/bin/x}, {path: '/**'}, {path: \"**\"}]\n"
         "  none: {}\n", network_is_whole},
    {"keys that are not enforced yet",
     ONE "network_middlewares:\n"
         "  guard:\n"
         "    name: Guard\n"
         "    middleware: content-guard\n"
         "    order: 10\n"
         "    config: {terms: [secret, '${any} {{thing}}'], depth: {more: 1}}\n"
         "    on_error: fail_closed\n"
         "    endpoints: {include: [a.test], exclude: []}\n"
         "network_policies:\n"
         "  web:\n"
         "    endpoints:\n"
         "      - host: api.example.com\n"
         "        port: 443\n"
         "        protocol: mcp\n"
         "        tls: terminate\n"
         "        enforcement: enforce\n"
         "        path: /mcp\n"
         "\n"
         "\n"
         "        access: full\n"
         "        rules: [{allow: {}}, {allow: {method: GET, path: '/**/info/refs*'}}]\n"
         "        deny_rules: [{method: DELETE, path: /}]\n"
         "        mcp: {max_body_bytes: 131072, allow_all_known_mcp_methods: true}\n",
     all_of_it_is_read_and_told_in_order},
    {"rules for requests",
     ONE "network_policies:\n"
         "  web:\n"
         "    endpoints:\n"
         "      - host: api.example.com\n"
         "        port: 443\n"
         "        enforcement: audit\n"
         "        rules:\n"
         "        - allow: {method: GET, path: '/**/info/refs*'}\n"
         "        - allow: {method: '*', path: /a, query: {service: git-*, tag: {any: [v1, '']}}}\n"
         "        deny_rules: [{method: DELETE, path: '**'}]\n"
         "        protocol: rest\n", rules_are_kept_with_their_places},
    {"rules that look like faults",
     ONE "network_policies:\n"
         "  web:\n"
         "    endpoints:\n"
         "      - {host: a.test, port: 1, protocol: rest, rules: [{allow: {method: ACL, path: '**/a'}},\n"
         "         {allow: {method: VERSION-CONTROL, path: /.a/b./...}}, {allow: {method: GET, path: '/*.x**'}}]}\n",
     odd_rules_are_read},
    {"a preset for requests",
     ONE "network_policies:\n"
         "  web:\n"
         "    endpoints: [{host: a.test, port: 80, protocol: rest, access: read-write, enforcement: enforce}]\n",
     access_is_kept_with_its_place},
    {"ranges of addresses",
     ONE "network_policies:\n"
         "  web:\n"
         "    endpoints: [{host: a.test, port: 443, allowed_ips: [10.0.0.0/8, 127.0.0.1, 'fc00::/7', '::1', 0.0.0.0/0, "
         "'2001:db8::/64']}]\n", ranges_have_their_prefixes},
    {"a host in capitals", HOST("API.Example.COM"), host_is_lower_case},
    {"an IPv4 address", HOST("169.254.169.254"), host_is_an_ipv4_address},
    {"an IPv6 address, in its long form", HOST("'FD00:0:0:0:0:0:0:1'"), host_is_an_ipv6_address},
    {"a host of 253 bytes",
     HOST(LABEL "." LABEL "." LABEL ".ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"),
     host_is_of_253_bytes},
    {"a name that looks like an address", HOST("1.2.3.4.x5"), host_begins_with_a_digit},
};

static void a_policy_is_read(void **state)
{
    const struct row *row = *state;
    struct hf_diagnostics diagnostics;
    struct hf_policy policy;

    if (!hf_policy_parse(row->text, strlen(row->text), &policy, &diagnostics))
        print_diagnostics(&diagnostics, row->title, stderr);
    assert_int_equal(diagnostics.count, 0);
    row->check(&policy);
    hf_policy_free(&policy);
    hf_diagnostics_free(&diagnostics);
}

/* The faults, as printed, of the text `head`, then `count` times `piece` with its # counted up, then `tail`. */
static char *faults_of(const char *head, const char *piece, size_t count, const char *tail)
{
    struct hf_diagnostics diagnostics;
    struct hf_policy policy;
    char *text = NULL, *faults = NULL;
    size_t length = 0, size = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    fputs(head, stream);
    for (size_t i = 0; i < count; i++)
        for (const char *at = piece; *at; at++)
            if (*at == '#')
                fprintf(stream, "%zu", i);
            else
                fputc(*at, stream);
    fputs(tail, stream);
    fclose(stream);
    hf_policy_parse(text, length, &policy, &diagnostics);
    stream = open_memstream(&faults, &size);
    assert_non_null(stream);
    print_diagnostics(&diagnostics, "p", stream);
    fclose(stream);
    hf_policy_free(&policy);
    hf_diagnostics_free(&diagnostics);
    free(text);
    return faults;
}

static void expect_faults(const char *head, const char *piece, size_t count, const char *tail, const char *expected)
{
    char *faults = faults_of(head, piece, count, tail);

    assert_string_equal(faults, expected);
    free(faults);
}

static void paths_are_at_most_256_together(void **state)
{
    (void)state;
    expect_faults(FILES "  read_only: [/usr]\n  read_write:\n", "    - /p#\n", 255, "", "");
    expect_faults(FILES "  read_only: [/usr]\n  read_write:\n", "    - /p#\n", 256, "",
                  "p:260:7: more than 256 paths in filesystem_policy (read_only and read_write together: 257): list "
                  "directories above them instead\n");
    expect_faults(FILES "  read_write:\n", "    - /p#\n", 257, "  read_only: [/usr]\n",
                  "p:260:7: more than 256 paths in filesystem_policy (read_only and read_write together: 258): list "
                  "directories above them instead\n");
}

static void paths_are_at_most_4096_bytes(void **state)
{
    (void)state;
    expect_faults(FILES "  read_only: [", "/abcdefg", 512, "]\n", "");
    expect_faults(FILES "  read_only: [", "/abcdefg", 512, "x]\n",
                  "p:3:15: path '/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg/abcdefg...' is 4097 bytes "
                  "long: at most 4096 are allowed\n");
}

static void files_are_at_most_1_mib(void **state)
{
    (void)state;
    expect_faults(ONE, "#234567\n", (1024 * 1024 - sizeof(ONE)) / 20, "", /* under it, and no YAML mapping */
                  "p:3:1: not valid YAML: could not find expected ':' (while scanning a simple key, from line 2)\n");
    expect_faults("# ", "234567890123456\n# ", 1024 * 1024 / 16, ONE, "p: larger than 1 MiB: a policy is at most that "
                                                                     "long\n");
}

static void values_are_at_most_65536(void **state)
{
    (void)state;
    expect_faults(FILES "  read_only:\n", "    - x\n", 70000, "",
                  "p:65533:7: more than 65536 keys and values in one policy\n");
}

static void faults_are_at_most_1000(void **state)
{
    char *faults = faults_of(ONE, "unknown#: 1\n", 20000, "");
    const char *last = "p:1001:1: unknown key 'unknown999' in the policy: take it out\n"
                       "p:1001:1: more than 1000 faults: the rest is not listed\n";

    (void)state;
    assert_true(strlen(faults) > strlen(last));
    assert_string_equal(faults + strlen(faults) - strlen(last), last);
    free(faults);
}

static void names_are_at_most_255_bytes(void **state)
{
    char *faults = faults_of(ONE "network_policies:\n  web: {name: ", "xxxxxxxx", 32, "}\n");

    (void)state;
    assert_non_null(strstr(faults, "p:3:15: the name is longer than 255 bytes: 'xxxx"));
    free(faults);
}

static void expect_load(const char *file, const char *expected)
{
    struct hf_diagnostics diagnostics;
    struct hf_policy policy;

    assert_int_equal(policy_from_file(file, &policy, &diagnostics), expected == NULL);
    assert_int_equal(diagnostics.count, expected != NULL);
    if (expected) {
        assert_int_equal(diagnostics.items[0].pos.line, 0);
        assert_string_equal(diagnostics.items[0].message, expected);
    }
    hf_policy_free(&policy);
    hf_diagnostics_free(&diagnostics);
}

static void a_file_is_loaded(void **state)
{
    char name[] = "/tmp/holdfast-policy-XXXXXX";
    int fd = mkstemp(name);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, ONE, sizeof(ONE) - 1), sizeof(ONE) - 1);
    close(fd);
    expect_load(name, NULL);
    unlink(name);
}

static void a_pipe_is_loaded(void **state)
{
    char name[32];
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], ONE, sizeof(ONE) - 1), sizeof(ONE) - 1);
    close(ends[1]);
    snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
    expect_load(name, NULL);
    close(ends[0]);
}

static void what_is_no_file_is_not_loaded(void **state)
{
    static const char absent[] = "cannot open the policy file: No such file or directory: name one that is there";

    (void)state;
    expect_load("/dev/zero", "is a device: name a file or a pipe");
    expect_load("/", "is a directory: name a file or a pipe");
    expect_load("/nonexistent/policy.yaml", absent);
    expect_load("", absent);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(paths_are_at_most_256_together), cmocka_unit_test(paths_are_at_most_4096_bytes),
        cmocka_unit_test(files_are_at_most_1_mib),        cmocka_unit_test(values_are_at_most_65536),
        cmocka_unit_test(faults_are_at_most_1000),        cmocka_unit_test(names_are_at_most_255_bytes),
        cmocka_unit_test(a_file_is_loaded),               cmocka_unit_test(a_pipe_is_loaded),
        cmocka_unit_test(what_is_no_file_is_not_loaded),
    };
    enum { ROWS = sizeof(rows) / sizeof(rows[0]), OTHERS = sizeof(others) / sizeof(others[0]) };
    struct CMUnitTest tests[ROWS + OTHERS];

    for (size_t i = 0; i < ROWS; i++)
        tests[i] = (struct CMUnitTest){
            .name = rows[i].title, .test_func = a_policy_is_read, .initial_state = (void *)(uintptr_t)&rows[i]};
    memcpy(tests + ROWS, others, sizeof(others));
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
