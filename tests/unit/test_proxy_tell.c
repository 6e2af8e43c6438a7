/* The lines of the log, in both formats, from what they are about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "proxy/ocsf.h"

#define BEGUN "\"connection_info\": {\"direction_id\": 2, \"protocol_name\": \"tcp\", \"uid\": \"7\"},"                        \
              "\"traffic\": {\"bytes_out\": 0, \"bytes_in\": 0, \"bytes\": 0},"
#define SOURCE "\"src_endpoint\": {\"name\": \"sandbox\"},"
#define NAMED SOURCE "\"dst_endpoint\": {\"hostname\": \"a.test\", \"ip\": \"192.0.2.1\", \"port\": 443},"
#define ALLOWED "\"status_id\": 1, \"severity_id\": 1, \"action_id\": 1, \"disposition_id\": 1, \"is_alert\": false,"        \
                "\"unmapped\": {\"verdict\": \"allow\"},"
#define DENIED "\"status_id\": 2, \"severity_id\": 2, \"action_id\": 2, \"disposition_id\": 2, \"is_alert\": true,"          \
               "\"unmapped\": {\"verdict\": \"deny\"},"

static const struct hf_asker curl = {.pid = 5, .program = "/usr/bin/curl"};

/* Everything but time and metadata, which are the same for all. */
static const struct {
    struct hf_event event;
    struct hf_decision decision;
    const char *plain, *ocsf;
} table[] = {
    {
        {.id = 7, .ms = 3},
        {.host = "a.test", .port = 443, .address = "192.0.2.1", .asker = &curl, .rule = "web", .verdict = "allow",
         .reason = "the policy allows it", .status = 200},
        "{\"event\": \"decision\", \"id\": 7, \"host\": \"a.test\", \"port\": 443, \"program\": \"/usr/bin/curl\","
        " \"process\": 5,"
        " \"address\": \"192.0.2.1\", \"rule\": \"web\", \"verdict\": \"allow\", \"reason\": \"the policy allows it\","
        " \"status\": 200, \"bytes_up\": 0, \"bytes_down\": 0, \"ms\": 3}",
        "{\"class_uid\": 4001, \"category_uid\": 4, \"activity_id\": 1, \"type_uid\": 400101, \"duration\": 3," NAMED
        "\"actor\": {\"process\": {\"pid\": 5, \"path\": \"/usr/bin/curl\"}}," BEGUN ALLOWED
        "\"firewall_rule\": {\"name\": \"web\"}, \"message\": \"the policy allows it\"}",
    },
    {
        {.id = 7, .ms = 900, .end = "closed by both ends", .bytes_up = 10, .bytes_down = 32},
        {.host = "a.test", .port = 443, .address = "192.0.2.1", .rule = "web", .verdict = "allow"},
        "{\"event\": \"close\", \"id\": 7, \"host\": \"a.test\", \"port\": 443, \"address\": \"192.0.2.1\", \"rule\": \"web\","
        " \"verdict\": \"allow\", \"reason\": \"closed by both ends\", \"bytes_up\": 10, \"bytes_down\": 32, \"ms\": 900}",
        "{\"class_uid\": 4001, \"category_uid\": 4, \"activity_id\": 2, \"type_uid\": 400102, \"duration\": 900," NAMED
        "\"connection_info\": {\"direction_id\": 2, \"protocol_name\": \"tcp\", \"uid\": \"7\"},"
        "\"traffic\": {\"bytes_out\": 10, \"bytes_in\": 32, \"bytes\": 42}," ALLOWED
        "\"firewall_rule\": {\"name\": \"web\"}, \"message\": \"closed by both ends\"}",
    },
    {
        {.id = 7, .end = "reset by one end", .is_cut = true},
        {.host = "192.0.2.1", .port = 443, .address = "192.0.2.1", .verdict = "allow"},
        "{\"event\": \"close\", \"id\": 7, \"host\": \"192.0.2.1\", \"port\": 443, \"address\": \"192.0.2.1\","
        " \"verdict\": \"allow\", \"reason\": \"reset by one end\", \"bytes_up\": 0, \"bytes_down\": 0, \"ms\": 0}",
        "{\"class_uid\": 4001, \"category_uid\": 4, \"activity_id\": 3, \"type_uid\": 400103, \"duration\": 0," SOURCE
        "\"dst_endpoint\": {\"ip\": \"192.0.2.1\", \"port\": 443}," BEGUN ALLOWED "\"message\": \"reset by one end\"}",
    },
    {
        {.id = 7},
        {.host = "::1", .port = 80, .verdict = "deny", .failed = "host", .reason = "no", .status = 403},
        "{\"event\": \"decision\", \"id\": 7, \"host\": \"::1\", \"port\": 80, \"verdict\": \"deny\", \"failed\": \"host\","
        " \"reason\": \"no\", \"status\": 403, \"bytes_up\": 0, \"bytes_down\": 0, \"ms\": 0}",
        "{\"class_uid\": 4001, \"category_uid\": 4, \"activity_id\": 5, \"type_uid\": 400105, \"duration\": 0," SOURCE
        "\"dst_endpoint\": {\"ip\": \"::1\", \"port\": 80}," BEGUN DENIED
        "\"status_detail\": \"host\", \"message\": \"no\"}",
    },
    {
        {.id = 7},
        {.verdict = "deny", .failed = "request", .reason = "a NUL byte in the head", .status = 400},
        "{\"event\": \"decision\", \"id\": 7, \"verdict\": \"deny\", \"failed\": \"request\","
        " \"reason\": \"a NUL byte in the head\","
        " \"status\": 400, \"bytes_up\": 0, \"bytes_down\": 0, \"ms\": 0}",
        "{\"class_uid\": 4001, \"category_uid\": 4, \"activity_id\": 5, \"type_uid\": 400105,"
        " \"duration\": 0," SOURCE BEGUN DENIED
        "\"status_detail\": \"request\", \"message\": \"a NUL byte in the head\"}",
    },
    {
        {.id = 7},
        {.host = "a.test", .port = 443, .address = "192.0.2.1", .rule = "web", .verdict = "error", .failed = "connect",
         .reason = "ECONNREFUSED", .status = 502},
        "{\"event\": \"decision\", \"id\": 7, \"host\": \"a.test\", \"port\": 443, \"address\": \"192.0.2.1\","
        " \"rule\": \"web\","
        " \"verdict\": \"error\", \"failed\": \"connect\", \"reason\": \"ECONNREFUSED\", \"status\": 502, \"bytes_up\": 0,"
        " \"bytes_down\": 0, \"ms\": 0}",
        "{\"class_uid\": 4001, \"category_uid\": 4, \"activity_id\": 4, \"type_uid\": 400104, \"duration\": 0," NAMED BEGUN
        "\"status_id\": 2, \"severity_id\": 1, \"action_id\": 1, \"disposition_id\": 27, \"is_alert\": false,"
        "\"status_detail\": \"connect\", \"unmapped\": {\"verdict\": \"error\"}, \"firewall_rule\": {\"name\": \"web\"},"
        "\"message\": \"ECONNREFUSED\"}",
    },
    {
        {.id = 7},
        {.host = "a.test", .port = 443, .address = "192.0.2.1", .rule = "web", .method = "GET", .path = "/b",
         .by = "rules (line 9)", .verdict = "allow", .reason = "the policy allows it", .status = 200},
        "{\"event\": \"decision\", \"id\": 7, \"host\": \"a.test\", \"port\": 443, \"address\": \"192.0.2.1\","
        " \"rule\": \"web\","
        " \"method\": \"GET\", \"path\": \"/b\", \"by\": \"rules (line 9)\", \"verdict\": \"allow\","
        " \"reason\": \"the policy allows it\", \"status\": 200, \"bytes_up\": 0, \"bytes_down\": 0, \"ms\": 0}",
        "{\"class_uid\": 4002, \"category_uid\": 4, \"activity_id\": 3, \"type_uid\": 400203, \"duration\": 0," NAMED BEGUN
        "\"http_request\": {\"http_method\": \"GET\", \"url\": {\"path\": \"/b\"}}," ALLOWED
        "\"firewall_rule\": {\"name\": \"web\", \"desc\": \"rules (line 9)\"}, \"message\": \"the policy allows it\"}",
    },
    {
        {.id = 7},
        {.host = "a.test", .port = 443, .address = "192.0.2.1", .method = "WEBSOCKET", .verdict = "audit", .reason = "no",
         .failed = "path", .status = 200},
        "{\"event\": \"decision\", \"id\": 7, \"host\": \"a.test\", \"port\": 443, \"address\": \"192.0.2.1\","
        " \"method\": \"WEBSOCKET\", \"verdict\": \"audit\", \"failed\": \"path\", \"reason\": \"no\", \"status\": 200,"
        " \"bytes_up\": 0, \"bytes_down\": 0, \"ms\": 0}",
        "{\"class_uid\": 4002, \"category_uid\": 4, \"activity_id\": 99, \"activity_name\": \"WEBSOCKET\","
        " \"type_uid\": 400299,"
        "\"duration\": 0," NAMED BEGUN "\"http_request\": {\"http_method\": \"WEBSOCKET\"}, \"status_id\": 1,"
        " \"severity_id\": 2,"
        "\"action_id\": 1, \"disposition_id\": 19, \"is_alert\": true, \"status_detail\": \"path\","
        "\"unmapped\": {\"verdict\": \"audit\"}, \"message\": \"no\"}",
    },
    {
        {.id = 7},
        {.host = "a.test", .port = 443, .address = "192.0.2.1", .method = "PATCH", .path = "/c", .verdict = "deny",
         .failed = "method", .reason = "no", .status = 403},
        "{\"event\": \"decision\", \"id\": 7, \"host\": \"a.test\", \"port\": 443, \"address\": \"192.0.2.1\","
        " \"method\": \"PATCH\","
        " \"path\": \"/c\", \"verdict\": \"deny\", \"failed\": \"method\", \"reason\": \"no\", \"status\": 403,"
        " \"bytes_up\": 0,"
        " \"bytes_down\": 0, \"ms\": 0}",
        "{\"class_uid\": 4002, \"category_uid\": 4, \"activity_id\": 9, \"type_uid\": 400209, \"duration\": 0," NAMED BEGUN
        "\"http_request\": {\"http_method\": \"PATCH\", \"url\": {\"path\": \"/c\"}},"
        " \"http_response\": {\"code\": 403}," DENIED
        "\"status_detail\": \"method\", \"message\": \"no\"}",
    },
};

/* A whole line. */
static json_t *parsed(char line[static HF_TELL_MAX], size_t length)
{
    json_error_t error;
    json_t *json;

    assert_true(length > 1 && length <= HF_TELL_MAX && line[length - 1] == '\n');
    assert_null(memchr(line, '\n', length - 1));
    json = json_loadb(line, length, 0, &error);
    if (!json)
        fail_msg("%s: %.*s", error.text, (int)length, line);
    return json;
}

static void assert_same(json_t *is, const char *expected)
{
    json_t *wanted = json_loads(expected, 0, NULL);
    char *text = json_dumps(is, 0);

    assert_non_null(wanted);
    if (!json_equal(is, wanted))
        fail_msg("\n  is  %s\n  not %s", text, expected);
    free(text);
    json_decref(wanted);
    json_decref(is);
}

static void every_line_says_it_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hf_event event = table[i].event;
        char line[HF_TELL_MAX];
        json_t *json;

        event.time = 1700000000042;
        json = parsed(line, hf_tell_event(line, &event, &table[i].decision));
        assert_string_equal(json_string_value(json_object_get(json, "time")), "2023-11-14T22:13:20.042Z");
        json_object_del(json, "time");
        assert_same(json, table[i].plain);
        json = parsed(line, hf_ocsf_event(line, &event, &table[i].decision));
        assert_int_equal(json_integer_value(json_object_get(json, "time")), 1700000000042);
        assert_same(json_deep_copy(json_object_get(json, "metadata")),
                    "{\"version\": \"1.8.0\", \"profiles\": [\"host\", \"security_control\"],"
                    " \"product\": {\"name\": \"holdfast\", \"version\": \"0.1.0\"}}");
        json_object_del(json, "time");
        json_object_del(json, "metadata");
        assert_same(json, table[i].ocsf);
    }
}

static void what_is_left_out_is_counted(void **state)
{
    char line[HF_TELL_MAX];
    json_t *json;

    (void)state;
    assert_same(parsed(line, hf_tell_unlogged(line, 0, 3)),
                "{\"time\": \"1970-01-01T00:00:00.000Z\", \"event\": \"unlogged\", \"lines\": 3}");
    json = parsed(line, hf_ocsf_unlogged(line, 1, 3));
    json_object_del(json, "metadata");
    assert_same(json, "{\"time\": 1, \"class_uid\": 0, \"category_uid\": 0, \"activity_id\": 99, \"type_uid\": 99,"
                      "\"activity_name\": \"unlogged\", \"severity_id\": 1, \"count\": 3,"
                      "\"message\": \"the log had no room for so many lines\"}");
}

static void an_update_is_told_with_who_made_it(void **state)
{
    const struct hf_update_told done = {.user = 1000, .process = 42}, refused = {.user = 0, .process = 7, .reasons = 3};
    char line[HF_TELL_MAX];
    json_t *json;

    (void)state;
    assert_same(parsed(line, hf_tell_update(line, &done)),
                "{\"time\": \"1970-01-01T00:00:00.000Z\", \"event\": \"update\", \"user\": 1000, \"process\": 42,"
                "\"verdict\": \"allow\"}");
    assert_same(parsed(line, hf_tell_update(line, &refused)),
                "{\"time\": \"1970-01-01T00:00:00.000Z\", \"event\": \"update\", \"user\": 0, \"process\": 7,"
                "\"verdict\": \"deny\", \"reasons\": 3}");
    json = parsed(line, hf_ocsf_update(line, &refused));
    json_object_del(json, "metadata");
    assert_same(json, "{\"time\": 0, \"class_uid\": 0, \"category_uid\": 0, \"activity_id\": 99, \"type_uid\": 99,"
                      "\"activity_name\": \"update\", \"severity_id\": 2, \"status_id\": 2,"
                      "\"unmapped\": {\"verdict\": \"deny\", \"user\": 0, \"process\": 7, \"reasons\": 3},"
                      "\"message\": \"other networks were asked for, and refused\"}");
    json = parsed(line, hf_ocsf_update(line, &done));
    assert_int_equal(json_integer_value(json_object_get(json, "status_id")), 1);
    json_decref(json);
}

/* As long as each may be, of bytes that are written as two, or as six in a key. */
static void the_longest_is_a_whole_line(void **state)
{
    static char host[HF_TARGET_HOST_SIZE], address[HF_ADDRESS_TEXT_MAX], key[400], method[32], path[200], by[160], reason[512];
    struct hf_asker asker = {.pid = INT32_MAX};
    const struct hf_event event = {.time = 253402300799999, .id = INT64_MAX, .bytes_up = INT64_MAX / 2,
                                   .bytes_down = INT64_MAX / 2, .ms = INT64_MAX};
    const struct hf_decision decision = {
        .host = host, .port = 65535, .address = address, .asker = &asker, .rule = key, .method = method, .path = path, .by = by,
        .verdict = "deny", .failed = "deny_rules", .reason = reason, .status = 403};
    char line[HF_TELL_MAX];
    json_t *json;

    (void)state;
    memset(host, 'a', sizeof(host) - 1);
    memset(address, '1', sizeof(address) - 1);
    memset(method, 'M', sizeof(method) - 1);
    memset(path, '"', sizeof(path) - 1);
    memset(by, '"', sizeof(by) - 1);
    memset(asker.program, '\\', sizeof(asker.program) - 1);
    for (int i = 0; i < 2; i++) {
        memset(key, 1, sizeof(key) - 1);
        for (size_t j = 0; i && j + 2 < sizeof(key); j += 2) /* two-byte characters, and a cut between bytes of one */
            memcpy(key + 1 + j, "\xc3\xbc", 2);
        memset(reason, i ? 'r' : '"', sizeof(reason) - 1);
        json_decref(parsed(line, hf_tell_event(line, &event, &decision)));
        json = parsed(line, hf_ocsf_event(line, &event, &decision));
        assert_true(strlen(json_string_value(json_object_get(json, "message"))) > 100);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_says_it_all),
        cmocka_unit_test(what_is_left_out_is_counted),
        cmocka_unit_test(an_update_is_told_with_who_made_it),
        cmocka_unit_test(the_longest_is_a_whole_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
