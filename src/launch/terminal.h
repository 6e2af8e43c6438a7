/* The terminal of a run, where it has one. */
#ifndef HF_LAUNCH_TERMINAL_H
#define HF_LAUNCH_TERMINAL_H

#include <stdbool.h>

/* True where the calling process has a controlling terminal (tty(4)). */
bool hf_terminal_is_there(void);

#endif
