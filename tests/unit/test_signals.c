/* What a start blocks and sets, and what its command finds again. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "launch/signals.h"

#define LAST 64 /* signal(7): that of the real-time signals */

static const int watched[] = {SIGCHLD, SIGTERM, SIGINT,  SIGQUIT, SIGHUP,  SIGUSR1, SIGUSR2,
                              SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH};

static bool is_watched(int number)
{
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
        if (watched[i] == number)
            return true;
    return false;
}

/* What is left on the stack is in a set that nobody emptied. */
static __attribute__((noinline)) void leave_ones(void)
{
    volatile char stack[8192];

    for (size_t i = 0; i < sizeof(stack); i++)
        stack[i] = -1;
}

static void these_are_blocked_and_no_others(void **state)
{
    struct hf_signals before;
    sigset_t usual, now;
    int fd;

    (void)state;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    assert_int_equal(sigprocmask(SIG_SETMASK, &usual, NULL), 0);
    leave_ones();
    fd = hf_signals_watch(&before);
    assert_true(fd >= 0);
    assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &now), 0);
    for (int number = 1; number <= LAST; number++) {
        assert_int_equal(sigismember(&now, number) == 1, is_watched(number) || number == SIGPIPE);
        assert_int_equal(sigismember(&before.mask, number) == 1, number == SIGPIPE);
    }
    assert_true(hf_signals_restore(&before));
    assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &now), 0);
    for (int number = 1; number <= LAST; number++)
        assert_int_equal(sigismember(&now, number) == 1, number == SIGPIPE);
    close(fd);
}

static void they_are_read_and_nobody_waits(void **state)
{
    struct hf_signals before;
    struct signalfd_siginfo got;
    const int fd = hf_signals_watch(&before);

    (void)state;
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(read(fd, &got, sizeof(got)), -1);
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
        if (watched[i] == SIGCHLD || watched[i] == SIGCONT || watched[i] == SIGWINCH)
            continue; /* which are ignored where nobody waits for them */
        assert_int_equal(kill(getpid(), watched[i]), 0);
        assert_int_equal(read(fd, &got, sizeof(got)), sizeof(got));
        assert_int_equal(got.ssi_signo, watched[i]);
    }
    assert_true(hf_signals_restore(&before));
    close(fd);
}

static void a_caller_may_ignore_its_children(void **state)
{
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    struct sigaction now;
    struct hf_signals before;
    int fd;

    (void)state;
    assert_int_equal(sigaction(SIGCHLD, &ignored, NULL), 0);
    fd = hf_signals_watch(&before);
    assert_int_equal(sigaction(SIGCHLD, NULL, &now), 0);
    assert_ptr_equal(now.sa_handler, SIG_DFL);
    assert_true(hf_signals_restore(&before));
    assert_int_equal(sigaction(SIGCHLD, NULL, &now), 0);
    assert_ptr_equal(now.sa_handler, SIG_IGN);
    now.sa_handler = SIG_DFL;
    assert_int_equal(sigaction(SIGCHLD, &now, NULL), 0);
    close(fd);
}

static void all_but_the_childrens_are_passed_on(void **state)
{
    (void)state;
    for (int number = 0; number <= LAST; number++)
        assert_int_equal(hf_signals_passed_on(number), is_watched(number) && number != SIGCHLD);
}

static void a_child_has_all_blocked(void **state)
{
    sigset_t before, now;

    (void)state;
    assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &before), 0);
    assert_true(hf_signals_block_all());
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, &now), 0);
    /* 32 and 33 are the C library's own, and SIGKILL and SIGSTOP cannot be (signal(7)). */
    for (int number = 1; number <= LAST; number++)
        if (number != SIGKILL && number != SIGSTOP && number != 32 && number != 33)
            assert_int_equal(sigismember(&now, number), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(these_are_blocked_and_no_others),
        cmocka_unit_test(they_are_read_and_nobody_waits),
        cmocka_unit_test(a_caller_may_ignore_its_children),
        cmocka_unit_test(all_but_the_childrens_are_passed_on),
        cmocka_unit_test(a_child_has_all_blocked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
