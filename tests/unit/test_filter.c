/* What the seccomp filter answers, by running its program here as the kernel does: every call's number in both modes,
 * and the arguments that are looked at. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "enforce/seccomp.h"
#include "why/call.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define DENY(errnum) (SECCOMP_RET_ERRNO | (errnum))

static uint32_t run(const struct hf_filter *filter, const struct seccomp_data *data)
{
    uint32_t value = 0;

    for (size_t at = 0; at < filter->length; at++) {
        const struct sock_filter *now = &filter->code[at];
        bool holds;

        switch (now->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            assert_in_range(now->k, 0, sizeof(*data) - sizeof(value));
            memcpy(&value, (const char *)data + now->k, sizeof(value));
            continue;
        case BPF_ALU | BPF_AND | BPF_K:
            value &= now->k;
            continue;
        case BPF_RET | BPF_K:
            return now->k;
        case BPF_JMP | BPF_JEQ | BPF_K:
            holds = value == now->k;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            holds = value >= now->k;
            break;
        default:
            fail_msg("instruction %zu: 0x%x", at, now->code);
            return 0;
        }
        at += holds ? now->jt : now->jf;
    }
    fail_msg("the program runs off its end");
    return 0;
}

static uint32_t ask(enum hf_mode mode, const struct seccomp_data *data)
{
    struct hf_filter filter;

    assert_true(hf_seccomp_filter(mode, NULL, &filter));
    return run(&filter, data);
}

static void each_number_gets_its_answer(void **state)
{
    static const struct {
        int call, errnum;
    } denied[] = {
        {SYS_ptrace, EPERM},
        {SYS_process_vm_readv, EPERM},
        {SYS_process_vm_writev, EPERM},
        {SYS_pidfd_getfd, EPERM},
        {SYS_bpf, EPERM},
        {SYS_userfaultfd, EPERM},
        {SYS_perf_event_open, EPERM},
        {SYS_io_uring_setup, ENOSYS},
        {SYS_io_uring_enter, ENOSYS},
        {SYS_io_uring_register, ENOSYS},
        {SYS_mount, EPERM},
        {SYS_umount2, EPERM},
        {SYS_pivot_root, EPERM},
        {SYS_fsopen, EPERM},
        {SYS_fsconfig, EPERM},
        {SYS_fsmount, EPERM},
        {SYS_fspick, EPERM},
        {SYS_move_mount, EPERM},
        {SYS_open_tree, EPERM},
        {SYS_mount_setattr, EPERM},
        {467 /* open_tree_attr */, EPERM},
        {SYS_keyctl, EPERM},
        {SYS_add_key, EPERM},
        {SYS_request_key, EPERM},
        {SYS_setns, EPERM},
        {SYS_clone3, ENOSYS},
        {SYS_syslog, EPERM},
        {SYS_socket, EACCES},     /* family 0 */
        {SYS_socketpair, EACCES}, /* and here */
    };

    (void)state;
    for (enum hf_mode mode = HF_MODE_BLOCK; mode <= HF_MODE_PROXY; mode++)
        for (int call = 0; call < 1024; call++) {
            const struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64, .nr = call};
            uint32_t expected = ALLOW;

            for (size_t i = 0; i < COUNT(denied); i++)
                if (denied[i].call == call)
                    expected = DENY((uint32_t)denied[i].errnum);
            if (ask(mode, &data) != expected)
                fail_msg("mode %d, call %d: 0x%x", mode, call, ask(mode, &data));
        }
}

/* The high half of an int argument is set in these, since it must not count. */
#define HIGH 0xabcd00000000ULL

static void arguments_are_looked_at(void **state)
{
    static const struct {
        int call;
        uint64_t arguments[3];
        uint32_t block, proxy;
    } table[] = {
        {SYS_socket, {AF_UNIX | HIGH}, ALLOW, ALLOW},
        {SYS_socket, {AF_INET | HIGH}, DENY(EACCES), ALLOW},
        {SYS_socket, {AF_INET6 | HIGH}, DENY(EACCES), ALLOW},
        {SYS_socket, {AF_NETLINK, SOCK_RAW, 0 | HIGH}, ALLOW, ALLOW},
        {SYS_socket, {AF_NETLINK | HIGH, SOCK_RAW, 1}, DENY(EACCES), DENY(EACCES)},
        {SYS_socket, {AF_NETLINK | HIGH, SOCK_RAW, 16}, DENY(EACCES), DENY(EACCES)},
        {SYS_socket, {AF_NETLINK | HIGH, SOCK_RAW, 32}, DENY(EACCES), DENY(EACCES)},
        {SYS_socket, {AF_PACKET | HIGH}, DENY(EACCES), DENY(EACCES)},
        {SYS_socket, {AF_VSOCK | HIGH}, DENY(EACCES), DENY(EACCES)},
        {SYS_socket, {AF_XDP | HIGH}, DENY(EACCES), DENY(EACCES)},
        {SYS_socket, {AF_MAX | HIGH}, DENY(EACCES), DENY(EACCES)},
        {SYS_socket, {UINT32_MAX | HIGH}, DENY(EACCES), DENY(EACCES)},
        {SYS_socketpair, {AF_UNIX | HIGH}, ALLOW, ALLOW},
        {SYS_socketpair, {AF_INET | HIGH}, DENY(EACCES), DENY(EACCES)},
        {SYS_socketpair, {AF_TIPC}, DENY(EACCES), DENY(EACCES)},
        {SYS_setpriority, {PRIO_PGRP | HIGH, HIGH}, DENY(EPERM), DENY(EPERM)},
        {SYS_setpriority, {PRIO_PGRP, 3}, ALLOW, ALLOW},
        {SYS_setpriority, {PRIO_PROCESS, 0}, ALLOW, ALLOW},
        {SYS_ioprio_set, {IOPRIO_WHO_PGRP, 0}, DENY(EPERM), DENY(EPERM)},
        {SYS_ioprio_set, {IOPRIO_WHO_PROCESS, 0}, ALLOW, ALLOW},
        {SYS_ioctl, {0, TIOCSTI | HIGH}, DENY(EPERM), DENY(EPERM)},
        {SYS_ioctl, {0, TIOCLINUX | HIGH}, DENY(EPERM), DENY(EPERM)},
        {SYS_ioctl, {TIOCSTI, TIOCGWINSZ}, ALLOW, ALLOW},
        {SYS_unshare, {CLONE_NEWUSER}, DENY(EPERM), DENY(EPERM)},
        {SYS_unshare, {CLONE_NEWUSER | CLONE_NEWNS | HIGH}, DENY(EPERM), DENY(EPERM)},
        {SYS_unshare, {CLONE_FILES | CLONE_NEWNS}, ALLOW, ALLOW},
        {SYS_clone, {CLONE_NEWUSER | CLONE_VM}, DENY(EPERM), DENY(EPERM)},
        {SYS_clone, {CLONE_VM | CLONE_THREAD | CLONE_SIGHAND}, ALLOW, ALLOW},
        {SYS_read, {AF_PACKET, TIOCSTI}, ALLOW, ALLOW},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64, .nr = table[i].call};

        for (size_t n = 0; n < COUNT(table[i].arguments); n++)
            data.args[n] = table[i].arguments[n];
        if (ask(HF_MODE_BLOCK, &data) != table[i].block || ask(HF_MODE_PROXY, &data) != table[i].proxy)
            fail_msg("row %zu: block 0x%x, proxy 0x%x", i, ask(HF_MODE_BLOCK, &data), ask(HF_MODE_PROXY, &data));
    }
}

static void foreign_numbers_end_the_process(void **state)
{
    static const struct {
        uint32_t arch;
        uint32_t call;
        uint32_t answer;
    } table[] = {
        {AUDIT_ARCH_I386, SYS_read, KILL},
        {AUDIT_ARCH_AARCH64, SYS_read, KILL},
        {AUDIT_ARCH_X86_64, 0x40000000U, KILL},
        {AUDIT_ARCH_X86_64, 0x40000000U | SYS_read, KILL},
        {AUDIT_ARCH_X86_64, UINT32_MAX - 1, KILL},
        {AUDIT_ARCH_X86_64, UINT32_MAX, ALLOW}, /* a tracer's "skip it" */
        {AUDIT_ARCH_X86_64, 0x3fffffffU, ALLOW},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        const struct seccomp_data data = {.arch = table[i].arch, .nr = (int)table[i].call};

        assert_int_equal(ask(HF_MODE_BLOCK, &data), table[i].answer);
        assert_int_equal(ask(HF_MODE_PROXY, &data), table[i].answer);
    }
}

/* The answer of a filter with a listener, and what the listener then answers. */
static void a_listener_is_told_and_grants_nothing(void **state)
{
    static const uint64_t arguments[][3] = {{0, 0, 0}, {AF_INET, 0, 0}, {AF_NETLINK, 0, 9}, {CLONE_NEWUSER, TIOCSTI, 0},
                                            {AF_UNIX, 0, 0}, {AF_ALG, TIOCLINUX, 0}, {SIGCHLD, 0, 0}};
    int calls[64];
    const struct hf_watched watched = {calls, hf_calls(calls, COUNT(calls))};
    size_t told = 0;

    (void)state;
    for (int mode = HF_MODE_BLOCK; mode <= HF_MODE_PROXY; mode++)
        for (int call = 0; call < 512; call++)
            for (size_t i = 0; i < COUNT(arguments); i++) {
                const struct seccomp_data data = {.arch = AUDIT_ARCH_X86_64,
                                                  .nr = call,
                                                  .args = {arguments[i][0], arguments[i][1], arguments[i][2]}};
                const uint32_t plain = ask((enum hf_mode)mode, &data);
                const uint32_t denies = SECCOMP_RET_ERRNO | (uint32_t)hf_seccomp_errno(call);
                struct hf_filter filter;
                uint32_t with;

                assert_true(hf_seccomp_filter((enum hf_mode)mode, &watched, &filter));
                with = run(&filter, &data);
                if (with == SECCOMP_RET_USER_NOTIF) {
                    assert_int_equal(plain, hf_seccomp_errno(call) ? denies : SECCOMP_RET_ALLOW);
                    told++;
                } else {
                    assert_int_equal(with, plain);
                }
            }
    assert_true(told > 2 * watched.count);
}

static void what_does_not_fit_is_no_filter(void **state)
{
    struct hf_filter filter;

    (void)state;
    hf_filter_begin(&filter);
    for (int i = 0; i < HF_FILTER_MAX; i++)
        hf_filter_deny(&filter, i, EPERM, NULL, 0);
    assert_false(hf_filter_end(&filter));
}

/* Numbers from the greatest to the least, each but the first with a rule of its own and one for all else of it, which no fork
 * may part. */
static void rules_in_any_order_answer_alike(void **state)
{
    const struct hf_filter_test seven = {.argument = 0, .mask = HF_FILTER_ALL_BITS, .value = 7};

    (void)state;
    for (int count = 1; count <= 16; count++) {
        const int first = 3 * (count - 1);
        struct hf_filter filter;

        hf_filter_begin(&filter);
        for (int number = first; number >= 0; number -= 3) {
            if (number != first)
                hf_filter_deny(&filter, number, 200 + number, &seven, 1);
            hf_filter_deny(&filter, number, 100 + number, NULL, 0);
        }
        assert_true(hf_filter_end(&filter));
        for (int number = 0; number < 3 * count; number++)
            for (uint64_t argument = 6; argument <= 7; argument++) {
                const struct seccomp_data data = {.nr = number, .arch = AUDIT_ARCH_X86_64, .args = {argument}};
                const uint32_t wanted = DENY((argument == 7 && number != first ? 200U : 100U) + (uint32_t)number);

                assert_int_equal(run(&filter, &data), number % 3 ? ALLOW : wanted);
            }
    }
}

static void rules_of_one_call_stay_together(void **state)
{
    const struct seccomp_data data = {.nr = 0, .arch = AUDIT_ARCH_X86_64};
    struct hf_filter filter;

    (void)state;
    hf_filter_begin(&filter);
    for (int i = 0; i < 8; i++)
        hf_filter_deny(&filter, 0, EPERM, NULL, 0);
    assert_true(hf_filter_end(&filter));
    assert_int_equal(run(&filter, &data), DENY(EPERM));
}

/* Of two instructions, or of three where bits do not count; the one that denies comes behind the last. */
static void fill(struct hf_filter_test *tests, size_t count, size_t masked, bool differs)
{
    for (size_t i = 0; i < count; i++)
        tests[i] = (struct hf_filter_test){
            .mask = i + masked < count ? HF_FILTER_ALL_BITS : 0xff, .value = 7, .differs = differs};
}

/* Who calls another number is led past all of it and the load behind: 255 instructions at most, of which tests are 253. */
static void a_jump_that_is_too_far_is_no_filter(void **state)
{
    static const struct {
        size_t count, masked;
        bool fits;
    } cases[] = {{120, 0, true}, {126, 1, true}, {127, 0, false}, {127, 1, false}, {140, 0, false}, {256, 0, false}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int differs = 0; differs < 2; differs++) {
            struct hf_filter_test tests[HF_FILTER_MAX / 2];
            struct hf_filter filter;

            fill(tests, cases[i].count, cases[i].masked, differs);
            hf_filter_begin(&filter);
            hf_filter_deny(&filter, 1, EPERM, tests, cases[i].count);
            if (hf_filter_end(&filter) != cases[i].fits)
                fail_msg("case %zu, differs %d", i, differs);
        }
}

/* Rules of one call stand together, and one fork leads past them all and what allows the rest: 255 again. */
static void a_fork_that_is_too_far_is_no_filter(void **state)
{
    static const struct {
        size_t last, masked; /* tests of the last rule, beside three instructions; the four before it have 53 each */
        bool fits;
    } cases[] = {{1, 0, true}, {19, 1, true}, {20, 0, false}, {20, 1, false}};
    struct hf_filter_test usual[25];

    (void)state;
    fill(usual, COUNT(usual), 0, false);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct hf_filter_test tests[25];
        struct hf_filter filter;

        hf_filter_begin(&filter);
        for (int j = 0; j < 4; j++)
            hf_filter_deny(&filter, 1, EPERM, usual, COUNT(usual));
        fill(tests, cases[i].last, cases[i].masked, false);
        hf_filter_deny(&filter, 1, EPERM, tests, cases[i].last);
        for (int j = 0; j < 4; j++)
            hf_filter_deny(&filter, 2, EPERM, NULL, 0);
        if (hf_filter_end(&filter) != cases[i].fits)
            fail_msg("case %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_gets_its_answer),
        cmocka_unit_test(a_listener_is_told_and_grants_nothing),
        cmocka_unit_test(arguments_are_looked_at),
        cmocka_unit_test(foreign_numbers_end_the_process),
        cmocka_unit_test(what_does_not_fit_is_no_filter),
        cmocka_unit_test(rules_in_any_order_answer_alike),
        cmocka_unit_test(rules_of_one_call_stay_together),
        cmocka_unit_test(a_jump_that_is_too_far_is_no_filter),
        cmocka_unit_test(a_fork_that_is_too_far_is_no_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
