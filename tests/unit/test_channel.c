/* A channel's messages: what was said by an end that is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "launch/channel.h"

/* A signal may be on its way to init when the command ends: the kernel says of that end that it was reset (unix(7)). */
static void an_end_that_left_something_unread_has_said_what_it_said(void **state)
{
    const struct hf_message signal = {.kind = HF_MESSAGE_SIGNAL, .number = 15},
                            ended = {.kind = HF_MESSAGE_ENDED, .number = 7 << 8};
    struct hf_message got = {.error = NULL};
    int ends[2], none;

    (void)state;
    assert_true(hf_channel_open(ends));
    assert_true(hf_channel_send(ends[0], &signal, -1));
    assert_true(hf_channel_send(ends[1], &ended, -1));
    close(ends[1]);
    assert_int_equal(hf_channel_receive(ends[0], &got, &none), 1);
    assert_int_equal(got.kind, HF_MESSAGE_ENDED);
    assert_int_equal(got.number, 7 << 8);
    assert_int_equal(none, -1);
    assert_int_equal(hf_channel_receive(ends[0], &got, &none), 0);
    assert_true(hf_channel_ended(ends[0]));
    close(ends[0]);
}

static void an_end_that_left_something_unread_is_gone(void **state)
{
    const struct hf_message listening = {.kind = HF_MESSAGE_LISTENING};
    int ends[2];

    (void)state;
    assert_true(hf_channel_open(ends));
    assert_false(hf_channel_ended(ends[1]));
    assert_true(hf_channel_send(ends[1], &listening, -1));
    close(ends[0]);
    assert_true(hf_channel_ended(ends[1]));
    close(ends[1]);
}

static void an_error_comes_with_its_kind_alone(void **state)
{
    struct hf_error error = {.id = HF_LAUNCH_FAILED, .errnum = 5}, heard = {.errnum = 0};
    struct hf_message message = {.kind = HF_MESSAGE_STARTED, .error = &error}, got = {.error = &heard};
    int ends[2], none;

    (void)state;
    assert_true(hf_channel_open(ends));
    assert_true(hf_channel_send(ends[0], &message, -1));
    message.kind = HF_MESSAGE_FAILED;
    assert_true(hf_channel_send(ends[0], &message, ends[0]));
    assert_int_equal(hf_channel_receive(ends[1], &got, &none), 1);
    assert_int_equal(heard.errnum, 0);
    assert_int_equal(hf_channel_receive(ends[1], &got, &none), 1);
    assert_int_equal(heard.errnum, 5);
    assert_true(none > ends[1]);
    close(none);
    message.error = &error;
    assert_true(hf_channel_send(ends[0], &message, -1));
    got.error = NULL; /* no place for it */
    assert_int_equal(hf_channel_receive(ends[1], &got, &none), -1);
    assert_false(hf_channel_ended(ends[1]));
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_that_left_something_unread_has_said_what_it_said),
        cmocka_unit_test(an_end_that_left_something_unread_is_gone),
        cmocka_unit_test(an_error_comes_with_its_kind_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
