/* What a run answers as lines for people: amounts, ages, places, their order, and what is left out on a small screen. */
#include "control/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The caller frees it. */
static char *shown(struct hf_screen *screen, const char *connections, const char *denials)
{
    char document[4096], *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    snprintf(document, sizeof(document), "{\"connections\":[%s],\"denials\":[%s],\"accepted\":9,\"left_out\":2}",
             connections, denials);
    assert_true(hf_control_show(screen, 42, document, strlen(document), stream));
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void amounts_are_short(void **state)
{
    static const struct {
        const char *bytes, *ms, *up, *age;
    } rows[] = {
        {"0", "0", "0", "0s"},
        {"999", "59999", "999", "59s"},
        {"1000", "60000", "1.0K", "1m00s"},
        {"10137", "3599999", "9.9K", "59m59s"},
        {"10240", "3600000", "10K", "1h00m"},
        {"1022976", "86399999", "999K", "23h59m"},
        {"1048576", "86400000", "1.0M", "1d00h"},
        {"5368709120", "9000000000", "5.0G", "104d04h"},
        {"9223372036854775807", "1000", "8.0E", "1s"},
        {"-1", "\"x\"", "0", "0s"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hf_screen screen = {.rows = 0};
        char connection[256], wanted[64], *text;

        snprintf(connection, sizeof(connection), "{\"bytes_up\":%s,\"ms\":%s,\"state\":\"open\"}", rows[i].bytes, rows[i].ms);
        snprintf(wanted, sizeof(wanted), "  %6s  %6s  %7s\n", rows[i].up, "0", rows[i].age);
        text = shown(&screen, connection, "");
        if (!strstr(text, wanted))
            fail_msg("no \"%s\" in %s", wanted, text);
        free(text);
    }
}

static void those_that_moved_most_come_first(void **state)
{
    struct hf_screen screen = {.rows = 0};
    char *text = shown(&screen,
                       "{\"id\":2,\"host\":\"b.test\",\"port\":1,\"bytes_up\":5,\"state\":\"open\"},"
                       "{\"id\":1,\"host\":\"a.test\",\"port\":1,\"bytes_down\":5,\"state\":\"open\"},"
                       "{\"id\":3,\"host\":\"::1\",\"port\":2,\"bytes_up\":3,\"bytes_down\":3,\"process\":7,"
                       "\"state\":\"connect\",\"program\":\"/a/folder/with/a/long/name/program\"}",
                       "{\"ms\":1000,\"count\":3,\"verdict\":\"audit\",\"reason\":\"no rule\"}");

    (void)state;
    assert_string_equal(
        text, "run 42: 5 open, 9 accepted, 0 denied, 0 updates\n"
              "  PROCESS  PROGRAM                       PLACE                                     UP    DOWN      AGE\n"
              "        7  der/with/a/long/name/program  [::1]:2                                    3       3       0s"
              "  connect\n"
              "        -  -                             a.test:1                                   0       5       0s\n"
              "        -  -                             b.test:1                                   5       0       0s\n"
              "  and 2 more\n"
              "denied lately:\n"
              "       1s ago    3x  - (let through: audit): no rule\n");
    free(text);
}

static void a_small_screen_has_a_part_of_both(void **state)
{
    struct hf_screen screen = {.columns = 30, .rows = 6, .is_styled = true};
    char *text = shown(&screen, "{\"host\":\"a.test\"},{\"host\":\"b.test\"},{\"host\":\"c.test\"}",
                       "{\"reason\":\"no\"},{\"reason\":\"no\"}");

    (void)state;
    assert_string_equal(text, "\033[1mrun 42: 5 open, 9 accepted, 0 \033[0m\033[K\n"
                              "\033[1m  PROCESS  PROGRAM            \033[0m\033[K\n"
                              "        -  -                  \033[K\n"
                              "        -  -                  \033[K\n"
                              "\033[1mdenied lately:\033[0m\033[K\n"
                              "\033[31m       0s ago    0x  -: no\033[0m\033[K\n");
    assert_int_equal(screen.used, 6);
    assert_int_equal(screen.rows, 6);
    free(text);
}

static void what_is_no_document_is_not_shown(void **state)
{
    static const char *const documents[] = {"", "{}", "[]", "{\"connections\":[]}", "{\"connections\":{},\"denials\":[]}"};

    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        struct hf_screen screen = {.rows = 0};

        assert_false(hf_control_show(&screen, 1, documents[i], strlen(documents[i]), stdout));
        assert_int_equal(screen.used, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_short),
        cmocka_unit_test(those_that_moved_most_come_first),
        cmocka_unit_test(a_small_screen_has_a_part_of_both),
        cmocka_unit_test(what_is_no_document_is_not_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
