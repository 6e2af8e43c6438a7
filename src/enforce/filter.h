/* A seccomp filter as it is written, rule by rule (seccomp(2), Documentation/userspace-api/seccomp_filter.rst). What no rule
 * denies is allowed. Pure: nothing here makes a system call. */
#ifndef HF_ENFORCE_FILTER_H
#define HF_ENFORCE_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Twice of what the longest table needs; the offsets of a jump have eight bits. */
#define HF_FILTER_MAX 512

/* Where the rule of a call stands in the code as long as this is in the order in which it is written. */
struct hf_filter_rule {
    int call;
    uint16_t start, length;
};

struct hf_filter {
    struct sock_filter code[HF_FILTER_MAX];
    size_t length;
    struct hf_filter_rule rules[HF_FILTER_MAX / 2];
    size_t rule_count;
    bool overflow; /* a rule had no room: the filter must not be loaded */
    bool watched;  /* a listener is told of what is denied, and fails the call in the filter's stead; but for ENOSYS */
};

/* About the low half of an argument: what the kernel takes as an int is that, whatever the high half is. */
struct hf_filter_test {
    unsigned argument; /* 0 to 5 */
    uint32_t mask;     /* the bits that count */
    uint32_t value;
    bool differs; /* the test holds where the bits are not the value's */
};

#define HF_FILTER_ALL_BITS UINT32_MAX

/* Begins a filter that ends a process which calls by another architecture's numbers (int $0x80, x32). */
void hf_filter_begin(struct hf_filter *filter);

/* Denies a call where all tests hold, always where there are none. */
void hf_filter_deny(struct hf_filter *filter, int call, int errnum, const struct hf_filter_test *tests, size_t count);

/* Has a listener told of a call that the filter does not deny (seccomp_unotify(2)). */
void hf_filter_watch(struct hf_filter *filter, int call);

/* Ends it: puts the rules into the order of their calls' numbers (those of one call stay as they were written), and before
 * them what leads to the few that are about a call. False where it did not fit. */
bool hf_filter_end(struct hf_filter *filter);

#endif
