/* What was denied lately: what is the same, what makes room for what, and in which order it is told. */
#include "proxy/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct hf_decision denied(const char *host, const char *reason)
{
    return (struct hf_decision){.host = host, .port = 443, .verdict = "deny", .reason = reason, .status = 403};
}

static void the_same_is_counted(void **state)
{
    const struct hf_recent_denial *list[HF_RECENT_MAX];
    struct hf_asker curl = {.pid = 7, .program = "/usr/bin/curl"}, git = {.pid = 8, .program = "/usr/bin/git"};
    struct hf_decision one = denied("a.test", "no"), other = denied("a.test", "not so"), head = denied(NULL, "no head");
    struct hf_recent recent = {.total = 0};

    (void)state;
    hf_recent_add(&recent, &one, 10);
    hf_recent_add(&recent, &one, 20);
    hf_recent_add(&recent, &other, 15);
    one.asker = &curl;
    hf_recent_add(&recent, &one, 30);
    curl.pid = 9; /* another process of the same program */
    hf_recent_add(&recent, &one, 40);
    one.asker = &git;
    hf_recent_add(&recent, &one, 35);
    one.verdict = "audit";
    hf_recent_add(&recent, &one, 36);
    one.port = 80;
    hf_recent_add(&recent, &one, 5);
    hf_recent_add(&recent, &head, 4);
    assert_int_equal(recent.total, 9);
    assert_int_equal(hf_recent_list(&recent, list), 7);
    assert_string_equal(list[0]->program, "/usr/bin/curl");
    assert_int_equal(list[0]->count, 2);
    assert_int_equal(list[0]->process, 9);
    assert_int_equal(list[0]->time, 40);
    assert_true(list[1]->is_audited);
    assert_string_equal(list[2]->program, "/usr/bin/git");
    assert_int_equal(list[3]->count, 2);
    assert_string_equal(list[3]->program, "");
    assert_string_equal(list[4]->reason, "not so");
    assert_int_equal(list[5]->port, 80);
    assert_string_equal(list[6]->host, "");
}

static void the_oldest_makes_room(void **state)
{
    const struct hf_recent_denial *list[HF_RECENT_MAX];
    struct hf_recent recent = {.total = 0};
    char host[32];

    (void)state;
    for (int i = 0; i < HF_RECENT_MAX + 3; i++) {
        const struct hf_decision first = denied("host0.test", "no");
        struct hf_decision one = denied(host, "no");

        snprintf(host, sizeof(host), "host%d.test", i);
        hf_recent_add(&recent, &one, 10 * i);
        hf_recent_add(&recent, &first, 10 * i + 1); /* which is asked again and again, and stays */
    }
    assert_int_equal(hf_recent_list(&recent, list), HF_RECENT_MAX);
    assert_string_equal(list[0]->host, "host0.test");
    assert_int_equal(list[0]->count, HF_RECENT_MAX + 4);
    for (int i = 1; i < HF_RECENT_MAX; i++) {
        snprintf(host, sizeof(host), "host%d.test", HF_RECENT_MAX + 3 - i);
        assert_string_equal(list[i]->host, host);
        assert_int_equal(list[i]->count, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_counted),
        cmocka_unit_test(the_oldest_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
