/* What is said over a run's control socket: one request, one answer, then the end. Both sides may be of different builds, so
 * that nothing here depends on how a compiler lays out a structure. Pure. */
#ifndef HF_CONTROL_MESSAGE_H
#define HF_CONTROL_MESSAGE_H

#include <stdint.h>

#include "policy/policy.h"

/* The kind in the last of the first four bytes, then the length of what follows, in the machine's order. */
#define HF_CONTROL_HEAD 8
#define HF_CONTROL_MAX (1024 * 1024) /* of what follows: as long as a policy may be */

enum hf_control_kind {
    HF_CONTROL_UPDATE = 'u',  /* with a policy, as a message of src/wire: its networks are to be the run's */
    HF_CONTROL_LOOK = 'l',    /* with nothing: what is going on? */
    HF_CONTROL_DONE = 'd',    /* the answer: to LOOK with a JSON document */
    HF_CONTROL_REFUSED = 'r', /* with reasons: nothing has changed */
};

void hf_control_head_write(enum hf_control_kind kind, size_t length, char head[static HF_CONTROL_HEAD]);

/* False where it is none, or what follows is longer than it may be. */
bool hf_control_head_read(const char head[static HF_CONTROL_HEAD], enum hf_control_kind *kind, size_t *length);

/* Reasons as bytes, each a field's name and its text, as many as there is room for. The caller frees them; NULL: no memory. */
char *hf_control_reasons_write(const struct hf_diagnostics *reasons, size_t *length);

/* Calls back with each; the strings are in `bytes`. False where these are no reasons. */
bool hf_control_reasons_read(char *bytes, size_t length, void (*take)(void *context, char *field, char *text), void *context);

#endif
