/* Writing the filter in the kernel's BPF (linux/filter.h), the call's number in the accumulator between rules. Straight from
 * the table: a compiler of rules (libseccomp) takes an eighth of a whole start to come to the same, with 9 system
 * calls that ask the kernel what it knows, and a library to load. */
#include "enforce/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

/* Numbers from here on are x32's (arch/x86/include/uapi/asm/unistd.h); -1 is what a tracer leaves of a call to be skipped,
 * which none but a tracer can make. */
#define X32_FIRST 0x40000000U

/* Of struct seccomp_data. The low half of a number comes first on this machine. */
#define AT_ARCH (uint32_t) offsetof(struct seccomp_data, arch)
#define AT_NUMBER (uint32_t) offsetof(struct seccomp_data, nr)
#define AT_ARGUMENT(n) (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (n))

static void emit(struct hf_filter *filter, struct sock_filter instruction)
{
    if (filter->length < HF_FILTER_MAX)
        filter->code[filter->length++] = instruction;
    else
        filter->overflow = true;
}

static void load(struct hf_filter *filter, uint32_t offset)
{
    emit(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void answer(struct hf_filter *filter, uint32_t action)
{
    emit(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void jump_if_equal(struct hf_filter *filter, uint32_t value, size_t yes, size_t no)
{
    filter->overflow = filter->overflow || yes > UINT8_MAX || no > UINT8_MAX;
    emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (uint8_t)yes, (uint8_t)no));
}

void hf_filter_begin(struct hf_filter *filter)
{
    *filter = (struct hf_filter){.length = 0};
    load(filter, AT_ARCH);
    jump_if_equal(filter, AUDIT_ARCH_X86_64, 1, 0);
    answer(filter, SECCOMP_RET_KILL_PROCESS);
    load(filter, AT_NUMBER);
    emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_FIRST, 0, 2));
    jump_if_equal(filter, UINT32_MAX, 1, 0);
    answer(filter, SECCOMP_RET_KILL_PROCESS);
}

static size_t test_length(const struct hf_filter_test *test)
{
    return test->mask == HF_FILTER_ALL_BITS ? 2 : 3;
}

/* Goes on with what follows where the test holds, else `to_end` instructions further. */
static void emit_test(struct hf_filter *filter, const struct hf_filter_test *test, size_t to_end)
{
    load(filter, AT_ARGUMENT(test->argument));
    if (test->mask != HF_FILTER_ALL_BITS)
        emit(filter, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, test->mask));
    jump_if_equal(filter, test->value, test->differs ? to_end : 0, test->differs ? 0 : to_end);
}

void hf_filter_deny(struct hf_filter *filter, int call, int errnum, const struct hf_filter_test *tests, size_t count)
{
    size_t left = 1; /* the answer */

    for (size_t i = 0; i < count; i++)
        left += test_length(&tests[i]);
    /* Another call: past the rule, and past the load behind it that brings the number back. */
    jump_if_equal(filter, (uint32_t)call, 0, count ? left + 1 : left);
    for (size_t i = 0; i < count; i++) {
        left -= test_length(&tests[i]);
        emit_test(filter, &tests[i], left);
    }
    answer(filter, filter->watched && errnum != ENOSYS ? SECCOMP_RET_USER_NOTIF
                                                       : SECCOMP_RET_ERRNO | ((uint32_t)errnum & SECCOMP_RET_DATA));
    if (count)
        load(filter, AT_NUMBER);
}

void hf_filter_watch(struct hf_filter *filter, int call)
{
    jump_if_equal(filter, (uint32_t)call, 0, 1);
    answer(filter, SECCOMP_RET_USER_NOTIF);
}

bool hf_filter_end(struct hf_filter *filter)
{
    answer(filter, SECCOMP_RET_ALLOW);
    return !filter->overflow;
}
