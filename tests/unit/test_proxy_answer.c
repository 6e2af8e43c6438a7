/* The head of a server's answer: what is read of it, and what is refused because two could read it differently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/answer.h"

enum { GET = false, HEAD = true };

static void test_good_ones(void **state)
{
    static const struct {
        const char *text;
        bool to_head;
        int status;
        enum hf_body_next next;
        uint64_t left;
        bool interim, websocket, until_end, last;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", GET, 200, HF_BODY_DATA_BY_LENGTH, 7, 0, 0, 0, 0},
        {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", GET, 200, HF_BODY_END, 0, 0, 0, 0, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", GET, 200, HF_BODY_SIZE, 0, 0, 0, 0, 0},
        {"HTTP/1.1 200 OK\r\n\r\n", GET, 200, HF_BODY_END, 0, 0, 0, 1, 1},
        {"HTTP/1.1 200 OK\r\n\r\n", HEAD, 200, HF_BODY_END, 0, 0, 0, 0, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", HEAD, 200, HF_BODY_END, 0, 0, 0, 0, 0},
        {"HTTP/1.1 204 No Content\r\n\r\n", GET, 204, HF_BODY_END, 0, 0, 0, 0, 0},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", GET, 304, HF_BODY_END, 0, 0, 0, 0, 0},
        {"HTTP/1.1 100 Continue\r\n\r\n", GET, 100, HF_BODY_END, 0, 1, 0, 0, 0},
        {"HTTP/1.1 101 X\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n", GET, 101, HF_BODY_END, 0, 0, 1, 0, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: a, Close\r\n\r\n", GET, 200, HF_BODY_DATA_BY_LENGTH, 1, 0, 0, 0, 1},
        {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", GET, 200, HF_BODY_DATA_BY_LENGTH, 1, 0, 0, 0, 1},
        {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n", GET, 200, HF_BODY_DATA_BY_LENGTH, 1, 0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t length = strlen(cases[i].text);
        struct hf_answer answer;

        print_message("case %zu\n", i);
        for (size_t part = 0; part < length; part++)
            assert_int_equal(hf_answer_parse(cases[i].text, part, cases[i].to_head, &answer), HF_HEAD_MORE);
        assert_int_equal(hf_answer_parse(cases[i].text, length, cases[i].to_head, &answer), HF_HEAD_DONE);
        assert_int_equal(answer.length, length);
        assert_int_equal(answer.status, cases[i].status);
        assert_int_equal(answer.body.next, cases[i].next);
        assert_int_equal(answer.body.left, cases[i].left);
        assert_int_equal(answer.is_interim, cases[i].interim);
        assert_int_equal(answer.is_websocket, cases[i].websocket);
        assert_int_equal(answer.until_end, cases[i].until_end);
        assert_int_equal(answer.is_last, cases[i].last);
    }
}

static void test_refused_ones(void **state)
{
    static const char *const cases[] = {
        "HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\rContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n",
    };
    struct hf_answer answer;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("case %zu\n", i);
        assert_int_equal(hf_answer_parse(cases[i], strlen(cases[i]), GET, &answer), HF_HEAD_REFUSED);
        assert_non_null(answer.reason);
    }
}

static void test_a_head_has_a_limit(void **state)
{
    char text[HF_ANSWER_LIMIT + 8];
    struct hf_answer answer;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "HTTP/1.1 200 OK\r\nX: ", 20);
    assert_int_equal(hf_answer_parse(text, HF_ANSWER_LIMIT - 1, GET, &answer), HF_HEAD_MORE);
    assert_int_equal(hf_answer_parse(text, HF_ANSWER_LIMIT, GET, &answer), HF_HEAD_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_ones),
        cmocka_unit_test(test_refused_ones),
        cmocka_unit_test(test_a_head_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
