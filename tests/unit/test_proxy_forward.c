/* A request as its server gets it, and where its body ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/forward.h"

#define CLOSE "Connection: close\r\n\r\n"

static const struct {
    const char *title, *from, *to;
} heads[] = {
    {"a path", "GET http://a/b?c=d HTTP/1.1\r\nHost: a\r\n\r\n", "GET /b?c=d HTTP/1.1\r\nHost: a\r\n" CLOSE},
    {"no path", "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n" CLOSE},
    {"a query alone", "GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?b HTTP/1.1\r\nHost: a\r\n" CLOSE},
    {"OPTIONS of the server", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n" CLOSE},
    {"OPTIONS of a path", "OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS / HTTP/1.1\r\nHost: a\r\n" CLOSE},
    {"the version stays", "GET http://a/ HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nHost: a\r\n" CLOSE},
    {"Host is made anew", "GET http://A.example.:81/ HTTP/1.1\r\nX: y\r\nHost: a.EXAMPLE:81\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a.example:81\r\nX: y\r\n" CLOSE},
    {"the usual port is left out", "GET http://a:80/ HTTP/1.1\r\nHost: a:80\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a\r\n" CLOSE},
    {"an IPv6 address", "GET http://[0::1]:81/ HTTP/1.1\r\nHost: [::1]:81\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: [::1]:81\r\n" CLOSE},
    {"what is for this hop goes",
     "GET http://a/ HTTP/1.1\r\nHost: a\r\nProxy-Connection: Keep-Alive\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\n"
     "Proxy-Authorization: Basic YQ==\r\nTE: trailers\r\nUpgrade: websocket\r\nAccept: */*\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n" CLOSE},
    {"what Connection names goes, in front of it and behind",
     "GET http://a/ HTTP/1.1\r\nX-One: 1\r\nHost: a\r\nConnection: x-ONE ,x-two\r\nConnection:x-three\r\n"
     "X-Two: 2\r\nX-Three: 3\r\nX-Four: 4\r\n\r\n",
     "GET / HTTP/1.1\r\nHost: a\r\nX-Four: 4\r\n" CLOSE},
    {"a body's framing stays", "POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length:\t5 \r\n\r\n",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" CLOSE},
    {"a path is passed on as it is", "GET http://a//b/../%2e?c=http://d/ HTTP/1.1\r\nHost: a\r\n\r\n",
     "GET //b/../%2e?c=http://d/ HTTP/1.1\r\nHost: a\r\n" CLOSE},
};

static void a_head_is_passed_on_in_origin_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        char text[HF_FORWARD_MAX + 1];
        struct hf_head head;

        assert_int_equal(hf_head_parse(heads[i].from, strlen(heads[i].from), &head), HF_HEAD_DONE);
        assert_true(head.forward);
        text[hf_forward_head(&head, text)] = '\0';
        assert_string_equal(text, heads[i].to);
    }
}

/* The one that grows most: each field by a blank, the whole by Host and Connection. */
static void the_longest_head_fits(void **state)
{
    char bytes[HF_HEAD_LIMIT + 1] = "GET http://", *text = malloc(HF_FORWARD_MAX);
    struct hf_head head;
    size_t length;

    (void)state;
    memset(bytes + strlen(bytes), 'a', 60);
    strcat(bytes, "/ HTTP/1.0\r\n");
    for (int i = 0; i < 99; i++)
        strcat(bytes, "A:b\r\n");
    strcat(bytes, "A:");
    length = strlen(bytes);
    memset(bytes + length, 'x', HF_HEAD_LIMIT - length);
    memcpy(bytes + HF_HEAD_LIMIT - 4, "\r\n\r\n", 4);
    assert_int_equal(hf_head_parse(bytes, HF_HEAD_LIMIT, &head), HF_HEAD_DONE);
    assert_true(hf_forward_head(&head, text) < HF_FORWARD_MAX);
    free(text);
}

static const struct {
    const char *title, *body, *behind;
    bool good;
} chunks[] = {
    {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "", true},
    {"two", "5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n", "", true},
    {"none", "0\r\n\r\n", "", true},
    {"a request behind is not the body's", "0\r\n\r\n", "GET http://b/ HTTP/1.1\r\nHost: b\r\n\r\n", true},
    {"line ends in the data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n", true},
    {"an extension", "5;a=b\r\nhello\r\n0\r\n\r\n", "", false},
    {"a blank behind the size", "5 \r\nhello\r\n0\r\n\r\n", "", false},
    {"a blank in front of the size", " 5\r\nhello\r\n0\r\n\r\n", "", false},
    {"0x", "0x5\r\nhello\r\n0\r\n\r\n", "", false},
    {"a minus", "-5\r\nhello\r\n0\r\n\r\n", "", false},
    {"no size", "\r\nhello\r\n0\r\n\r\n", "", false},
    {"no digit", "g\r\nhello\r\n0\r\n\r\n", "", false},
    {"a bare LF behind the size", "5\nhello\r\n0\r\n\r\n", "", false},
    {"a bare CR behind the size", "5\rhello\r\n0\r\n\r\n", "", false},
    {"a bare LF behind the data", "5\r\nhello\n0\r\n\r\n", "", false},
    {"more data than said", "5\r\nhello!\r\n0\r\n\r\n", "", false},
    {"a size beyond 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n", "", false},
    {"a trailer", "0\r\nA: b\r\n\r\n", "", false},
    {"a bare LF at the end", "0\r\n\n", "", false},
};

/* In pieces of one size after another, the last of them the whole. */
static void chunks_end_where_all_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        char *whole = NULL;

        assert_true(asprintf(&whole, "%s%s", chunks[i].body, chunks[i].behind) > 0);
        for (size_t piece = 1; piece <= strlen(whole); piece++) {
            struct hf_body body = {.next = HF_BODY_SIZE};
            size_t at = 0, sum = 0, taken;
            bool good = true;

            for (; good && at < strlen(whole); at += piece) {
                good = hf_body_take(&body, whole + at, strnlen(whole + at, piece), &taken);
                sum += taken;
            }
            assert_int_equal(good, chunks[i].good);
            if (good)
                assert_int_equal(body.next, HF_BODY_END);
            if (good)
                assert_int_equal(sum, strlen(chunks[i].body));
        }
        free(whole);
    }
}

static void a_length_is_counted_down(void **state)
{
    struct hf_body body = {.next = HF_BODY_DATA_BY_LENGTH, .left = 5}, none = {0};
    size_t taken;

    (void)state;
    assert_true(hf_body_take(&body, "hel", 3, &taken));
    assert_int_equal(taken, 3);
    assert_true(hf_body_take(&body, "loGET", 5, &taken));
    assert_int_equal(taken, 2);
    assert_true(hf_body_take(&body, "GET", 3, &taken));
    assert_int_equal(taken, 0);
    assert_true(hf_body_take(&none, "GET", 3, &taken));
    assert_int_equal(taken, 0);
}

static void a_head_inside_of_a_tunnel_keeps_what_its_connection_is(void **state)
{
    static const char text[] = "POST /a/../b HTTP/1.0\r\nHost: A.test\r\nTE: x\r\nX: 1\r\nConnection: X2, keep-alive\r\n"
                               "X2: 2\r\nContent-Length: 3\r\n\r\n";
    static const struct hf_span path = {"/b", 2};
    static char out[HF_FORWARD_MAX + HF_HEAD_LIMIT];
    struct hf_target target;
    struct hf_head head;

    (void)state;
    assert_null(hf_target_parse("a.test:443", 10, &target));
    assert_int_equal(hf_head_parse_inside(text, strlen(text), &target, &head), HF_HEAD_DONE);
    out[hf_forward_head_inside(&head, path, false, out)] = '\0';
    assert_string_equal(out, "POST /b HTTP/1.1\r\nHost: a.test\r\nX: 1\r\nContent-Length: 3\r\n\r\n");
    head.is_last = true;
    out[hf_forward_head_inside(&head, path, false, out)] = '\0';
    assert_non_null(strstr(out, "\r\nConnection: close\r\n\r\n"));
    out[hf_forward_head_inside(&head, path, true, out)] = '\0';
    assert_non_null(strstr(out, "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
    target.port = 8443;
    head.target = target;
    out[hf_forward_head_inside(&head, path, false, out)] = '\0';
    assert_non_null(strstr(out, "\r\nHost: a.test:8443\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_passed_on_in_origin_form),
        cmocka_unit_test(the_longest_head_fits),
        cmocka_unit_test(chunks_end_where_all_agree),
        cmocka_unit_test(a_head_inside_of_a_tunnel_keeps_what_its_connection_is),
        cmocka_unit_test(a_length_is_counted_down),
    };

    return cmocka_run_group_tests_name("proxy forward", tests, NULL, NULL);
}
