/* Requests against the rules of one endpoint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rest/judge.h"
#include "rest/query.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RULE(name, pattern) {.method.text = (char *)(name), .path.text = (char *)(pattern)}
#define RULES(list) {.items = (list), .count = COUNT(list), .given = true}

static struct hf_text git[] = {{.text = (char *)"git-*"}};
static struct hf_text versions[] = {{.text = (char *)"v1.*"}, {.text = (char *)"v2.*"}};
static struct hf_query service[] = {{.name = (char *)"service", .values = git, .value_count = 1}};
static struct hf_query tagged[] = {{.name = (char *)"service", .values = git, .value_count = 1},
                                   {.name = (char *)"tag", .values = versions, .value_count = 2}};

static struct hf_request_rule allow[] = {
    RULE("GET", "/repos/**"),
    RULE("GET", "/one/*/end"),
    RULE("POST", "/exact"),
    RULE("*", "/any"),
    {.method.text = (char *)"GET", .path.text = (char *)"/**/info/refs", .queries = service, .query_count = 1},
    {.method.text = (char *)"POST", .path.text = (char *)"/tagged", .queries = tagged, .query_count = 2},
};
static struct hf_request_rule deny[] = {
    RULE("GET", "/repos/secret"),
    RULE("*", "/repos/*/keys"),
    {.method.text = (char *)"GET", .path.text = (char *)"/repos/q", .queries = service, .query_count = 1},
    RULE("*", "/repos/tree/**"),
};
static struct hf_request_rule git_only[] = {
    {.method.text = (char *)"GET", .path.text = (char *)"**", .queries = service, .query_count = 1}};

static const struct hf_endpoint ruled = {.protocol = HF_PROTOCOL_REST, .rules = RULES(allow), .deny_rules = RULES(deny)};
static const struct hf_endpoint reading = {.protocol = HF_PROTOCOL_REST, .access = HF_PRESET_READ_ONLY};
static const struct hf_endpoint writing = {
    .protocol = HF_PROTOCOL_REST, .access = HF_PRESET_READ_WRITE, .deny_rules = RULES(deny)};
static const struct hf_endpoint full = {.protocol = HF_PROTOCOL_REST, .access = HF_PRESET_FULL};
static const struct hf_endpoint by_query = {.protocol = HF_PROTOCOL_REST, .rules = RULES(git_only)};
static const struct hf_endpoint nothing = {.protocol = HF_PROTOCOL_REST};

struct row {
    const struct hf_endpoint *endpoint;
    const char *method, *target;
    enum hf_rest_half half;
};

static const struct row rows[] = {
    {&ruled, "GET", "/repos/a", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos/a/b/c", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos/", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos", HF_REST_PATH},
    {&ruled, "GET", "/reposa", HF_REST_PATH},
    {&ruled, "GET", "/Repos/a", HF_REST_PATH},
    {&ruled, "GET", "/a/repos/a", HF_REST_PATH},
    {&ruled, "GET", "/other/../repos/a", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos/../other", HF_REST_PATH},
    {&ruled, "GET", "/repos/%2e%2e/other", HF_REST_PATH},
    {&ruled, "POST", "/repos/a", HF_REST_METHOD},
    {&ruled, "get", "/repos/a", HF_REST_METHOD},
    {&ruled, "GETS", "/repos/a", HF_REST_METHOD},
    {&ruled, "GE", "/repos/a", HF_REST_METHOD},
    {&ruled, "HEAD", "/repos/a", HF_REST_METHOD},
    {&ruled, "GET", "/one/x/end", HF_REST_ALLOWED},
    {&ruled, "GET", "/one/x/y/end", HF_REST_PATH},
    {&ruled, "GET", "/one//end", HF_REST_PATH},
    {&ruled, "POST", "/exact", HF_REST_ALLOWED},
    {&ruled, "POST", "/exact/", HF_REST_PATH},
    {&ruled, "POST", "/exact/more", HF_REST_PATH},
    {&ruled, "POST", "/exactly", HF_REST_PATH},
    {&ruled, "POST", "/%65xact", HF_REST_ALLOWED},
    {&ruled, "POST", "/exact?with=a", HF_REST_ALLOWED},
    {&ruled, "BREW", "/any", HF_REST_ALLOWED},
    {&ruled, "OPTIONS", "*", HF_REST_PATH},
    /* deny_rules */
    {&ruled, "GET", "/repos/secret", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/secret/", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/secre%74", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/SECRET", HF_REST_DENY_RULE},
    {&ruled, "get", "/repos/secret", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/a/Keys/", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/secre[", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos//secret", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/x/../secret", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/secret/more", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos/secrets", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos/tree", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/tree/", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/trees", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos/a/keys", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/a/b/keys", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos/q", HF_REST_ALLOWED},
    {&ruled, "GET", "/repos/q?service=git-x", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/q?service=a&service=git-x", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/q?%73ervice=git-x", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/q?Service=git-x", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/q?service[]=git-x", HF_REST_DENY_RULE},
    {&ruled, "GET", "/repos/q?service=g", HF_REST_ALLOWED},
    /* queries */
    {&ruled, "GET", "/a/info/refs?service=git-upload-pack", HF_REST_ALLOWED},
    {&ruled, "GET", "/a/info/refs?x=y&service=git-upload-pack", HF_REST_ALLOWED},
    {&ruled, "GET", "/a/info/refs?service=git-up/load", HF_REST_ALLOWED},
    {&ruled, "GET", "/a/info/refs", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=svn", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=git-a&service=svn", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=git-a&SERVICE=svn", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=git-a&service[0]=svn", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=git-a;service=svn", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=git-a&s%zz", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=git-a&s%00", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=git-a&b%c0%ae", HF_REST_QUERY},
    {&ruled, "GET", "/a/info/refs?service=git-a&a+b=c", HF_REST_QUERY},
    {&ruled, "POST", "/a/info/refs?service=git-a", HF_REST_METHOD},
    {&ruled, "POST", "/tagged?service=git-a&tag=v1.2", HF_REST_ALLOWED},
    {&ruled, "POST", "/tagged?tag=v2.&service=git-a", HF_REST_ALLOWED},
    {&ruled, "POST", "/tagged?service=git-a&tag=v3", HF_REST_QUERY},
    {&ruled, "POST", "/tagged?tag=v2.", HF_REST_QUERY},
    {&by_query, "GET", "/a?service=git-a", HF_REST_ALLOWED},
    {&by_query, "GET", "/a?service=git-a;service=b", HF_REST_QUERY},
    {&by_query, "GET", "/a?service=git-a&%ff", HF_REST_QUERY},
    {&by_query, "GET", "/a?service=git-a&%", HF_REST_QUERY},
    {&by_query, "GET", "/a?service=git-%01", HF_REST_ALLOWED},
    /* presets */
    {&reading, "GET", "/a", HF_REST_ALLOWED},
    {&reading, "HEAD", "/a", HF_REST_ALLOWED},
    {&reading, "OPTIONS", "*", HF_REST_ALLOWED},
    {&reading, "get", "/a", HF_REST_METHOD},
    {&reading, "POST", "/a", HF_REST_METHOD},
    {&reading, "GET", "/a?x;y=%zz", HF_REST_ALLOWED}, /* no rule looks at it */
    {&writing, "GET", "/a", HF_REST_ALLOWED},
    {&writing, "POST", "/a", HF_REST_ALLOWED},
    {&writing, "PUT", "/a", HF_REST_ALLOWED},
    {&writing, "PATCH", "/a", HF_REST_ALLOWED},
    {&writing, "DELETE", "/a", HF_REST_METHOD},
    {&writing, "GET", "/repos/secret", HF_REST_DENY_RULE},
    {&writing, "DELETE", "/repos/a/keys", HF_REST_DENY_RULE},
    {&full, "DELETE", "/a", HF_REST_ALLOWED},
    {&full, "BREW", "/a", HF_REST_ALLOWED},
    {&nothing, "GET", "/", HF_REST_PATH},
};

static struct hf_span span(const char *text)
{
    return (struct hf_span){text, strlen(text)};
}

static void each_request_is_judged_by_its_rules(void **state)
{
    static struct hf_rest_target target;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hf_rest_verdict verdict;

        assert_null(hf_rest_target_read(span(rows[i].target), &target));
        verdict = hf_rest_judge(rows[i].endpoint, span(rows[i].method), &target);
        if (verdict.half != rows[i].half)
            fail_msg("row %zu, %s %s: %d, not %d", i, rows[i].method, rows[i].target, verdict.half, rows[i].half);
    }
}

static void the_rule_that_decided_is_told(void **state)
{
    static struct hf_rest_target target;

    (void)state;
    assert_null(hf_rest_target_read(span("/exact"), &target));
    assert_ptr_equal(hf_rest_judge(&ruled, span("POST"), &target).rule, &allow[2]);
    assert_ptr_equal(hf_rest_judge(&ruled, span("GET"), &target).rule, &allow[2]);
    assert_null(hf_rest_judge(&full, span("GET"), &target).rule);
    assert_null(hf_rest_target_read(span("/repos/a/keys"), &target));
    assert_ptr_equal(hf_rest_judge(&ruled, span("GET"), &target).rule, &deny[1]);
    assert_null(hf_rest_target_read(span("/nowhere"), &target));
    assert_null(hf_rest_judge(&ruled, span("GET"), &target).rule);
}

static void presets_have_names(void **state)
{
    (void)state;
    assert_string_equal(hf_rest_preset_name(HF_PRESET_READ_ONLY), "read-only");
    assert_string_equal(hf_rest_preset_name(HF_PRESET_READ_WRITE), "read-write");
    assert_string_equal(hf_rest_preset_name(HF_PRESET_FULL), "full");
}

static void a_plus_is_two_things(void **state)
{
    struct hf_text blank = {.text = (char *)"a b"}, plus = {.text = (char *)"a+b"}, any = {.text = (char *)"a*"};
    struct hf_query query = {.name = (char *)"q", .value_count = 1};

    (void)state;
    query.values = &blank;
    assert_false(hf_rest_query_allows(&query, span("q=a+b")));
    assert_true(hf_rest_query_has(&query, span("q=a+b")));
    assert_true(hf_rest_query_allows(&query, span("q=a%20b")));
    query.values = &plus;
    assert_false(hf_rest_query_allows(&query, span("q=a+b")));
    assert_true(hf_rest_query_has(&query, span("q=a+b")));
    assert_true(hf_rest_query_allows(&query, span("q=a%2bb")));
    query.values = &any;
    assert_true(hf_rest_query_allows(&query, span("q=a+b")));
}

static void fields_that_make_another_request_of_it_are_told(void **state)
{
    (void)state;
    assert_non_null(hf_rest_field_problem(span("X-HTTP-Method-Override"), span("DELETE"), span("POST")));
    assert_non_null(hf_rest_field_problem(span("x_http_method_override"), span("DELETE"), span("POST")));
    assert_non_null(hf_rest_field_problem(span("X-HTTP-METHOD"), span("PUT"), span("POST")));
    assert_non_null(hf_rest_field_problem(span("X-Method-Override"), span(""), span("POST")));
    assert_null(hf_rest_field_problem(span("X-HTTP-Method-Override"), span("post"), span("POST")));
    assert_non_null(hf_rest_field_problem(span("X-Original-URL"), span("/a"), span("GET")));
    assert_non_null(hf_rest_field_problem(span("X-Rewrite-Url"), span("/a"), span("GET")));
    assert_null(hf_rest_field_problem(span("X-Method"), span("DELETE"), span("POST")));
    assert_null(hf_rest_field_problem(span("X-HTTP-MethodX"), span("DELETE"), span("POST")));
    assert_null(hf_rest_field_problem(span("x-http-mathod"), span("DELETE"), span("POST")));
    assert_null(hf_rest_field_problem(span("y-http-method"), span("DELETE"), span("POST")));
    assert_null(hf_rest_field_problem(span("x_http_met_od"), span("DELETE"), span("POST")));
    assert_null(hf_rest_field_problem(span("X-Kind"), span("websocket"), span("GET")));
    assert_non_null(hf_rest_field_problem(span("Upgrade"), span("websocket"), span("GET")));
    assert_non_null(hf_rest_field_problem(span("upgrade"), span("h2c, WebSocket"), span("GET")));
    assert_null(hf_rest_field_problem(span("Upgrade"), span("h2c"), span("GET"))); /* which is not passed on */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_judged_by_its_rules),
        cmocka_unit_test(the_rule_that_decided_is_told),
        cmocka_unit_test(presets_have_names),
        cmocka_unit_test(a_plus_is_two_things),
        cmocka_unit_test(fields_that_make_another_request_of_it_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
