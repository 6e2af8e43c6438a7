/* The kernel's own records of what Landlock denied (ABI 7 and later), where audit is switched on and the caller may
 * read it: root in the first namespaces. They are exact, and tell what no observer of calls sees (ioctl on devices,
 * ftruncate, signals). Audit is the machine's: it is never switched on here. */
#ifndef HF_WHY_AUDIT_H
#define HF_WHY_AUDIT_H

#include <time.h>

#include "why/record.h"

struct hf_audit {
    int log;             /* a netlink socket, or -1 */
    uint64_t domain;     /* the sandbox's, 0 as long as it is not known */
    struct hf_record open; /* a denial of which more may come */
};

/* Begins to listen; audit->log is -1 where there is nothing to listen to. */
void hf_audit_open(struct hf_audit *audit);

/* The next denial of the domain that the process `command` made: true with it in *record (`pid` and `process` are
 * whose). Waits until `deadline` of the monotonic clock, NULL not to wait; false where there is none. */
bool hf_audit_next(struct hf_audit *audit, pid_t command, const struct timespec *deadline, struct hf_record *record);

void hf_audit_close(struct hf_audit *audit);

#endif
