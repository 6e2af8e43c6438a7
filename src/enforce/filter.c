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

/* The kernel runs the filter for the number of every call there is when it is loaded, to know which it need not ask it of
 * (kernel/seccomp.c, seccomp_cache_prepare): in a row, 31 rules cost 66 us of a start, and so 30. */
#define RULES_TOGETHER 4

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

/* What is emitted from here on is a rule. Whatever it jumps over ends with it. */
static void begin_rule(struct hf_filter *filter, int call)
{
    if (filter->rule_count < sizeof(filter->rules) / sizeof(filter->rules[0]))
        filter->rules[filter->rule_count++] = (struct hf_filter_rule){.call = call, .start = (uint16_t)filter->length};
    else
        filter->overflow = true;
}

static void end_rule(struct hf_filter *filter)
{
    struct hf_filter_rule *rule = &filter->rules[filter->rule_count - 1];

    rule->length = (uint16_t)(filter->length - rule->start);
}

void hf_filter_deny(struct hf_filter *filter, int call, int errnum, const struct hf_filter_test *tests, size_t count)
{
    size_t left = 1; /* the answer */

    begin_rule(filter, call);
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
    end_rule(filter);
}

void hf_filter_watch(struct hf_filter *filter, int call)
{
    begin_rule(filter, call);
    jump_if_equal(filter, (uint32_t)call, 0, 1);
    answer(filter, SECCOMP_RET_USER_NOTIF);
    end_rule(filter);
}

/* Few rules, inserted each among those before it that have greater numbers. */
static void sort(struct hf_filter_rule *rules, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct hf_filter_rule rule = rules[i];
        size_t at = i;

        for (; at > 0 && rules[at - 1].call > rule.call; at--)
            rules[at] = rules[at - 1];
        rules[at] = rule;
    }
}

/* Where to part the rules from `first` up to `end`, never between those of one call; `end` where they stay together. */
static size_t middle_of(const struct hf_filter_rule *rules, size_t first, size_t end)
{
    size_t middle = first + (end - first) / 2;

    if (end - first <= RULES_TOGETHER)
        return end;
    while (middle < end && rules[middle].call == rules[middle - 1].call)
        middle++;
    return middle;
}

static void lay_out(struct hf_filter *filter, const struct hf_filter *written, size_t first, size_t end)
{
    const size_t middle = middle_of(written->rules, first, end), fork = filter->length;

    if (middle == end) {
        for (size_t i = first; i < end; i++)
            for (size_t at = 0; at < written->rules[i].length; at++)
                emit(filter, written->code[written->rules[i].start + at]);
        answer(filter, SECCOMP_RET_ALLOW);
        return;
    }
    emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)written->rules[middle].call, 0, 0));
    lay_out(filter, written, first, middle);
    if (filter->overflow || filter->length - fork - 1 > UINT8_MAX)
        filter->overflow = true;
    else
        filter->code[fork].jt = (uint8_t)(filter->length - fork - 1);
    lay_out(filter, written, middle, end);
}

bool hf_filter_end(struct hf_filter *filter)
{
    struct hf_filter written = *filter;

    if (filter->overflow)
        return false;
    if (written.rule_count)
        filter->length = written.rules[0].start;
    sort(written.rules, written.rule_count);
    lay_out(filter, &written, 0, written.rule_count);
    return !filter->overflow;
}
