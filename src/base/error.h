/* Errors of a start as values: which step failed, how, on what, because of which line. They travel upward (and from the
 * child over a socket) unchanged; hf_error_print and the report are the only places that turn them into words. */
#ifndef HF_BASE_ERROR_H
#define HF_BASE_ERROR_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

/* The steps of a start, in their order. */
enum hf_stage {
    HF_STAGE_USAGE,
    HF_STAGE_POLICY,
    HF_STAGE_PLAN,
    HF_STAGE_PREPARE,
    HF_STAGE_REACH,
    HF_STAGE_LAUNCH,
    HF_STAGE_NAMESPACE,
    HF_STAGE_NETWORK,
    HF_STAGE_PROXY,
    HF_STAGE_IDENTITY,
    HF_STAGE_CAPABILITIES,
    HF_STAGE_NO_NEW_PRIVS,
    HF_STAGE_LANDLOCK,
    HF_STAGE_SECCOMP,
    HF_STAGE_EXEC,
    HF_STAGE_REPORT,
};

/* What went wrong. Each has a name that never changes (HF-...) and a remedy, both in the table of error.c. */
enum hf_error_id {
    HF_OK = 0,
    HF_POLICY_INVALID,
    HF_POLICY_UNREADABLE,
    HF_POLICY_UNSUPPORTED,
    HF_WORKDIR_UNUSABLE,
    HF_WORKDIR_ROOT,
    HF_LANDLOCK_UNAVAILABLE,
    HF_LANDLOCK_ABI_TOO_OLD,
    HF_LANDLOCK_NOTHING,
    HF_LANDLOCK_FAILED,
    HF_LANDLOCK_INEFFECTIVE,
    HF_PATH_MISSING,
    HF_PATH_UNUSABLE,
    HF_EXEC_UNREACHABLE,
    HF_EXEC_NOT_FOUND,
    HF_EXEC_FAILED,
    HF_LAUNCH_FAILED,
    HF_NAMESPACE_UNAVAILABLE,
    HF_PROC_UNMOUNTABLE,
    HF_NETWORK_FAILED,
    HF_PROXY_FAILED,
    HF_IDENTITY_UNKNOWN,
    HF_IDENTITY_NOT_PERMITTED,
    HF_IDENTITY_FAILED,
    HF_CAPABILITIES_KEPT,
    HF_NO_NEW_PRIVS_FAILED,
    HF_SECCOMP_FAILED,
    HF_REPORT_UNWRITABLE,
    HF_CAPTURE_UNWRITABLE,
    HF_ERROR_COUNT,
};

/* Where something that is enforced, or an error, comes from. line 0: no line of the policy. */
enum hf_origin_kind { HF_ORIGIN_RUNTIME, HF_ORIGIN_BASELINE, HF_ORIGIN_POLICY, HF_ORIGIN_COMMAND_LINE };

struct hf_origin {
    enum hf_origin_kind kind;
    unsigned line;
    unsigned column;
};

/* Plain data, no pointers: it is sent over a socket as it is. */
struct hf_error {
    enum hf_error_id id;
    enum hf_stage stage;
    int errnum; /* an errno, or 0 */
    struct hf_origin origin;
    char object[PATH_MAX]; /* the path, call or name that it failed on; "" when there is none */
};

/* Fills *error and returns false, so that a failing function can end in `return hf_fail(...)`. */
__attribute__((format(printf, 5, 6))) bool hf_fail(struct hf_error *error, enum hf_error_id id, enum hf_stage stage,
                                                   int errnum, const char *object, ...);

const char *hf_error_name(enum hf_error_id id);   /* "HF-LANDLOCK-UNAVAILABLE" */
const char *hf_error_text(enum hf_error_id id);   /* what it means */
const char *hf_error_remedy(enum hf_error_id id); /* what to do */
const char *hf_stage_name(enum hf_stage stage);
const char *hf_origin_name(enum hf_origin_kind kind);

/* The errno's symbol, "0" for 0, "errno N" for one that libc does not know; valid until the next call in the thread. */
const char *hf_errno_name(int errnum);

/* Prints an error for a person: what, where, because of which line, what to do. `policy` is the policy's file name. */
void hf_error_print(const struct hf_error *error, const char *policy, FILE *stream);

#endif
