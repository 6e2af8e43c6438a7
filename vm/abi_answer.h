/* Answering a Landlock call in the place of an older kernel, over a seccomp listener (seccomp_unotify(2)). */
#ifndef HF_VM_ABI_ANSWER_H
#define HF_VM_ABI_ANSWER_H

#include <stdbool.h>

#include "abi_level.h"

/* Receives one call from the listener and answers it. False when no process is left that could make one. */
bool abi_answer(int listener, const struct abi_level *level);

#endif
