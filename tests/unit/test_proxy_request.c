/* The rules of several endpoints as one, and the words for what they make of a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/request.h"

#define ENDPOINTS "version: 1\nnetwork_policies:\n  api:\n    endpoints:\n"
#define RULED "      - {host: a.test, port: 80, protocol: rest, rules: [{allow: {method: GET, path: /r}}]}\n"
#define DENYING "      - {host: a.test, port: 80, protocol: rest, access: read-only, deny_rules: [{method: GET, path: /r}]}\n"
#define AUDITING "      - {host: '*.test', port: 80, protocol: rest, enforcement: audit, rules: " \
                 "[{allow: {method: GET, path: /a}}]}\n"
#define AUDIT_DENYING "      - {host: a.test, port: 80, protocol: rest, access: read-only, enforcement: audit, deny_rules: " \
                      "[{method: GET, path: /r}]}\n"
#define QUERIED "      - {host: a.test, port: 80, protocol: rest, rules: [{allow: {method: GET, path: /r, query: {q: a}}}]}\n"
#define ELSEWHERE "      - {host: b.test, port: 80, protocol: rest, access: full}\n"
#define OTHER_PORT "      - {host: a.test, port: 81, protocol: rest, access: full}\n"
#define PLAIN "      - {host: a.test, port: 80}\n"
#define FOR_OTHERS "    binaries: []\n  more:\n    endpoints:\n"

struct row {
    const char *endpoints, *method, *target;
    enum hf_request_verdict verdict;
    const char *failed, *by;
};

static const struct row rows[] = {
    {PLAIN, "GET", "/r", HF_REQUEST_UNJUDGED, NULL, NULL},
    {PLAIN ELSEWHERE OTHER_PORT, "GET", "/..", HF_REQUEST_UNJUDGED, NULL, NULL},
    {RULED, "GET", "/r", HF_REQUEST_ALLOWED, NULL, "rules (line 5)"},
    {RULED, "GET", "/x", HF_REQUEST_DENIED, "path", "rules (line 5)"},
    {RULED, "PUT", "/r", HF_REQUEST_DENIED, "method", "rules (line 5)"},
    {RULED PLAIN, "GET", "/x", HF_REQUEST_DENIED, "path", "rules (line 5)"},
    {PLAIN RULED, "GET", "/x", HF_REQUEST_DENIED, "path", "rules (line 6)"},
    {ELSEWHERE OTHER_PORT RULED, "GET", "/x", HF_REQUEST_DENIED, "path", "rules (line 7)"},
    {RULED DENYING, "GET", "/r", HF_REQUEST_DENIED, "deny_rules", "deny_rules (line 6)"},
    {DENYING RULED, "GET", "/r", HF_REQUEST_DENIED, "deny_rules", "deny_rules (line 5)"},
    {RULED DENYING, "GET", "/x", HF_REQUEST_ALLOWED, NULL, "access (line 6)"},
    {RULED DENYING, "PUT", "/x", HF_REQUEST_DENIED, "method", "access (line 6)"},
    {RULED AUDITING, "GET", "/r", HF_REQUEST_ALLOWED, NULL, "rules (line 5)"},
    {RULED AUDITING, "GET", "/x", HF_REQUEST_AUDITED, "path", "rules (line 5)"},
    {RULED AUDIT_DENYING, "GET", "/r", HF_REQUEST_AUDITED, "deny_rules", "deny_rules (line 6)"},
    {AUDIT_DENYING RULED, "GET", "/r", HF_REQUEST_AUDITED, "deny_rules", "deny_rules (line 5)"},
    {AUDIT_DENYING DENYING, "GET", "/r", HF_REQUEST_DENIED, "deny_rules", "deny_rules (line 6)"},
    {DENYING AUDIT_DENYING, "GET", "/r", HF_REQUEST_DENIED, "deny_rules", "deny_rules (line 5)"},
    {RULED, "GET", "/a%2fb", HF_REQUEST_DENIED, "path", NULL},
    {AUDITING, "GET", "/a%2fb", HF_REQUEST_AUDITED, "path", NULL},
    {RULED AUDITING, "GET", "/a%2fb", HF_REQUEST_DENIED, "path", NULL},
    {AUDITING, "GET", "/a b", HF_REQUEST_DENIED, "path", NULL},
    {RULED FOR_OTHERS PLAIN, "GET", "/x", HF_REQUEST_UNJUDGED, NULL, NULL},
};

static struct hf_span span(const char *text)
{
    return (struct hf_span){text, strlen(text)};
}

static struct hf_policy read_policy(const char *endpoints)
{
    struct hf_diagnostics diagnostics;
    struct hf_policy policy;
    char text[2048];

    snprintf(text, sizeof(text), ENDPOINTS "%s", endpoints);
    assert_true(hf_policy_parse(text, strlen(text), &policy, &diagnostics));
    hf_diagnostics_free(&diagnostics);
    return policy;
}

static void endpoints_of_one_place_are_one(void **state)
{
    static struct hf_rest_target target;
    struct hf_target place;

    (void)state;
    assert_null(hf_target_parse("a.test:80", 9, &place));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hf_policy policy = read_policy(rows[i].endpoints);
        const struct hf_request request = {.method = span(rows[i].method), .target = span(rows[i].target)};
        struct hf_judgement judgement = {.decision = {0}};
        struct hf_match match = {0};
        const enum hf_request_verdict verdict =
            hf_judge_request(&policy, &place, NULL, NULL, &request, &target, &match, &judgement);

        if (verdict != rows[i].verdict)
            fail_msg("row %zu: %d, not %d", i, verdict, rows[i].verdict);
        if (verdict != HF_REQUEST_UNJUDGED) {
            const struct hf_decision *decision = &judgement.decision;

            if (rows[i].by ? !decision->by || strcmp(decision->by, rows[i].by) : decision->by != NULL)
                fail_msg("row %zu: by %s, not %s", i, decision->by, rows[i].by);
            if (rows[i].failed ? !decision->failed || strcmp(decision->failed, rows[i].failed) : decision->failed != NULL)
                fail_msg("row %zu: failed %s, not %s", i, decision->failed, rows[i].failed);
            assert_int_equal(decision->status, verdict == HF_REQUEST_DENIED ? 403 : 200);
            assert_string_equal(decision->verdict, verdict == HF_REQUEST_DENIED    ? "deny"
                                                   : verdict == HF_REQUEST_AUDITED ? "audit"
                                                                                   : "allow");
            assert_string_equal(decision->rule, "api");
            assert_ptr_equal(match.network, &policy.networks[0]);
        }
        if (verdict == HF_REQUEST_AUDITED || verdict == HF_REQUEST_ALLOWED)
            assert_string_equal(target.wire, rows[i].target);
        hf_policy_free(&policy);
    }
}

static void an_address_has_the_rules_of_the_endpoints_that_may_have_it(void **state)
{
    static const char text[] = "      - {host: a.test, port: 80, protocol: rest, access: full, allowed_ips: [10.0.0.0/8]}\n"
                               "      - {host: a.test, port: 80, protocol: rest, access: read-only, allowed_ips: [8.0.0.0/8]}\n"
                               "      - {host: a.test, port: 80}\n";
    static const struct {
        unsigned first;
        enum hf_request_verdict verdict;
        const char *failed;
    } table[] = {{10, HF_REQUEST_ALLOWED, NULL}, {8, HF_REQUEST_DENIED, "method"}, {9, HF_REQUEST_DENIED, "address"}};
    const struct hf_request request = {.method = span("PUT"), .target = span("/")};
    struct hf_policy policy = read_policy(text);
    static struct hf_rest_target target;
    struct hf_target place;

    (void)state;
    assert_null(hf_target_parse("a.test:80", 9, &place));
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const union hf_address address = {.v4 = {.sin_family = AF_INET, .sin_addr.s_addr = table[i].first}};
        struct hf_judgement judgement;
        struct hf_match match = {.network = &policy.networks[0]};

        assert_int_equal(hf_judge_request(&policy, &place, NULL, &address, &request, &target, &match, &judgement),
                         table[i].verdict);
        if (table[i].failed)
            assert_string_equal(judgement.decision.failed, table[i].failed);
        if (table[i].failed)
            assert_int_equal(judgement.decision.status, 403);
    }
    hf_policy_free(&policy);
}

#define HOST_BUT "the policy allows this host, but "
#define UNCLEAR "the policy has rules for requests to this host, and this one cannot be judged by them: "
#define ADD(method, path) "add - allow: {method: " method ", path: \"" path "\"} to rules of this host under " \
                          "network_policies.api"
#define ADD_SOME "add a rule with method: GET and a pattern for this path to rules of this host under network_policies.api"

static void the_words_say_what_fails_and_what_helps(void **state)
{
    static const struct {
        const char *endpoints, *method, *target, *reason, *remedy;
    } table[] = {
        {RULED, "GET", "/x", HOST_BUT "none of its rules has this path (line 5)", ADD("GET", "/x")},
        {RULED, "PUT", "/r", HOST_BUT "its rule for this path has another method (line 5)", ADD("PUT", "/r")},
        {RULED, "GET", "/a%20b", HOST_BUT "none of its rules has this path (line 5)", ADD("GET", "/a b")},
        {RULED, "GET", "/a%22b", HOST_BUT "none of its rules has this path (line 5)", ADD_SOME},
        {RULED, "GET", "/a*", HOST_BUT "none of its rules has this path (line 5)", ADD_SOME},
        {RULED, "GET", "/%c3%a9", HOST_BUT "none of its rules has this path (line 5)", ADD_SOME},
        {DENYING, "GET", "/r", HOST_BUT "one of its deny_rules has this request (line 5)",
         "if it is meant to be allowed, narrow that rule under network_policies.api"},
        {DENYING, "PUT", "/x", HOST_BUT "its access read-only has not this method (line 5)",
         "give the endpoint of this host under network_policies.api an access that has PUT, or rules in its place"},
        {QUERIED, "GET", "/r", HOST_BUT "its rule for this method and path wants another query (line 5)", ADD("GET", "/r")},
        {QUERIED, "GET", "/r?a;b", UNCLEAR "a ; in the query, which some servers take for an &", NULL},
        {RULED, "GET", "/a;b", UNCLEAR "a parameter (;), which some servers take off the path", NULL},
    };
    static struct hf_rest_target target;
    struct hf_target place;

    (void)state;
    assert_null(hf_target_parse("a.test:80", 9, &place));
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hf_policy policy = read_policy(table[i].endpoints);
        const struct hf_request request = {.method = span(table[i].method), .target = span(table[i].target)};
        struct hf_judgement judgement;
        struct hf_match match;

        assert_int_equal(hf_judge_request(&policy, &place, NULL, NULL, &request, &target, &match, &judgement),
                         HF_REQUEST_DENIED);
        assert_string_equal(judgement.decision.reason, table[i].reason);
        if (table[i].remedy)
            assert_string_equal(judgement.decision.remedy, table[i].remedy);
        else
            assert_null(judgement.decision.remedy);
        hf_policy_free(&policy);
    }
}

static void a_key_that_is_too_long_is_not_quoted(void **state)
{
    static const char pattern[] = "version: 1\nnetwork_policies:\n  %.*s:\n    endpoints:\n" RULED;
    const struct hf_request request = {.method = span("GET"), .target = span("/x")};
    static struct hf_rest_target target;
    struct hf_diagnostics diagnostics;
    struct hf_judgement judgement;
    char key[66], text[512];
    struct hf_target place;
    struct hf_match match;

    (void)state;
    memset(key, 'k', sizeof(key));
    assert_null(hf_target_parse("a.test:80", 9, &place));
    for (int length = 64; length <= 65; length++) {
        struct hf_policy policy;

        snprintf(text, sizeof(text), pattern, length, key);
        assert_true(hf_policy_parse(text, strlen(text), &policy, &diagnostics));
        assert_int_equal(hf_judge_request(&policy, &place, NULL, NULL, &request, &target, &match, &judgement),
                         HF_REQUEST_DENIED);
        assert_int_equal(strstr(judgement.decision.remedy, "network_policies.(the rule)") != NULL, length == 65);
        hf_policy_free(&policy);
    }
}

static void what_is_shown_is_cut(void **state)
{
    struct hf_policy policy = read_policy(RULED);
    static struct hf_rest_target target;
    static char path[3000] = "/", method[100];
    struct hf_request request = {.method = {method, sizeof(method)}, .target = {path, sizeof(path)}};
    struct hf_judgement judgement;
    struct hf_target place;
    struct hf_match match;

    (void)state;
    assert_null(hf_target_parse("a.test:80", 9, &place));
    memset(path + 1, 'p', sizeof(path) - 1);
    memset(method, 'M', sizeof(method));
    assert_int_equal(hf_judge_request(&policy, &place, NULL, NULL, &request, &target, &match, &judgement),
                     HF_REQUEST_DENIED);
    assert_int_equal(strlen(judgement.decision.method), sizeof(judgement.method) - 1);
    assert_int_equal(strlen(judgement.decision.path), sizeof(judgement.path) - 1);
    assert_string_equal(judgement.decision.path + sizeof(judgement.path) - 4, "...");
    assert_non_null(strstr(judgement.remedy, "a pattern for this path"));
    hf_policy_free(&policy);
}

static void a_request_is_taken_from_its_head(void **state)
{
    static const struct {
        const char *head, *target;
        bool has_problem;
    } table[] = {
        {"GET http://a.test/b?c HTTP/1.1\r\nHost: a.test\r\n\r\n", "/b?c", false},
        {"GET http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n", "", false},
        {"OPTIONS http://a.test HTTP/1.1\r\nHost: a.test\r\n\r\n", "*", false},
        {"OPTIONS http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", "/", false},
        {"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\nX-Rewrite-URL: /b\r\n\r\n", "/", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hf_request request;
        struct hf_head head;

        assert_int_equal(hf_head_parse(table[i].head, strlen(table[i].head), &head), HF_HEAD_DONE);
        request = hf_request_of_head(&head);
        assert_int_equal(request.target.length, strlen(table[i].target));
        assert_memory_equal(request.target.at, table[i].target, request.target.length);
        assert_int_equal(request.problem != NULL, table[i].has_problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_of_one_place_are_one),
        cmocka_unit_test(an_address_has_the_rules_of_the_endpoints_that_may_have_it),
        cmocka_unit_test(the_words_say_what_fails_and_what_helps),
        cmocka_unit_test(a_key_that_is_too_long_is_not_quoted),
        cmocka_unit_test(what_is_shown_is_cut),
        cmocka_unit_test(a_request_is_taken_from_its_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
