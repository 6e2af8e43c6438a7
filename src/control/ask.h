/* Asking a run, from outside. */
#ifndef HF_CONTROL_ASK_H
#define HF_CONTROL_ASK_H

#include "base/error.h"
#include "control/message.h"

/* Sends a request and waits for its answer: *kind, and in *body (the caller frees it) what follows, with a NUL behind it. False
 * with *error. Nothing is sent to anybody but the process `run`, where that is the caller's own user, or the caller is root. */
bool hf_control_ask(int run, enum hf_control_kind request, const char *bytes, size_t count, enum hf_control_kind *kind,
                    char **body, size_t *length, struct hf_error *error);

#endif
