/* Errors of a start as values: which step failed, how, on what, because of which line. They travel upward (and from the
 * child over a socket) unchanged; hf_error_print and the report are the only places that turn them into words. */
#ifndef HF_BASE_ERROR_H
#define HF_BASE_ERROR_H

#include <limits.h>

#include "holdfast.h"

/* Fills *error and returns false, so that a failing function can end in `return hf_fail(...)`. */
__attribute__((format(printf, 5, 6))) bool hf_fail(struct hf_error *error, enum hf_error_id id, enum hf_stage stage,
                                                   int errnum, const char *object, ...);

const char *hf_origin_name(enum hf_origin_kind kind);

/* A place for people: "line 3" or the field (NULL and "" are none), and exactly, as it stands behind the file's name:
 * "3:7" or the field. */
struct hf_where {
    char text[HF_FIELD_BYTES + 8];
};
struct hf_where hf_where(unsigned line, const char *field);
struct hf_where hf_origin_place(const struct hf_origin *origin);

/* The errno's symbol, "0" for 0, "errno N" for one that libc does not know; valid until the next call in the thread. */
const char *hf_errno_name(int errnum);

#endif
