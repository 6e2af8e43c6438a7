/* The descriptors of the sandbox. */
#ifndef HF_LAUNCH_DESCRIPTORS_H
#define HF_LAUNCH_DESCRIPTORS_H

#include <stddef.h>

#include "base/error.h"

#define HF_DESCRIPTORS_KEPT_MAX 6

/* Closes all but 0, 1, 2 and these, of which those that are not -1 are moved and get their new numbers. All close at
 * exec. */
bool hf_descriptors_close_others(int *const *kept, size_t count, struct hf_error *error);

/* Refuses a standard stream by which the command could reach the outside's network from inside of its own namespace: a
 * socket belongs to the namespace that it was made in, and can be connected anew (connect(2), AF_UNSPEC). UNIX sockets
 * that are connected or listen cannot be. */
bool hf_descriptors_check_streams(struct hf_error *error);

/* Puts /dev/null in the place of 0 up to `last`, which are the command's: whoever reads a pipe waits for its end until the
 * last writer is gone. False with errno. */
bool hf_descriptors_leave_streams(int last);

#endif
