/* What becomes of signals: which the supervisor passes on, and what the command finds as its caller left it. */
#ifndef HF_LAUNCH_SIGNALS_H
#define HF_LAUNCH_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* The caller's own settings, which the command is to have. */
struct hf_signals {
    sigset_t mask;
    struct sigaction child; /* of SIGCHLD */
};

/* Blocks SIGCHLD and every signal that is passed on, for a signalfd to read: its descriptor, or -1. *before is what was
 * set. The caller closes it. */
int hf_signals_watch(struct hf_signals *before);

/* Whether a signal is passed on to the command. */
bool hf_signals_passed_on(int number);

/* In a child: blocks every signal that can be. */
bool hf_signals_block_all(void);

/* Sets again what the caller had set. */
bool hf_signals_restore(const struct hf_signals *before);

#endif
