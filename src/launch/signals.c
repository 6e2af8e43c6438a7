/* Masks, and the disposition of SIGCHLD: a caller who ignores it (signal(7)) would leave nothing to wait for. */
#include "launch/signals.h"

#include <stddef.h>
#include <sys/signalfd.h>

/* All that ends, stops, continues or tells a process and is not about a fault of its own. */
static const int watched[] = {SIGCHLD, SIGTERM, SIGINT,  SIGQUIT, SIGHUP,  SIGUSR1, SIGUSR2,
                              SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH};

int hf_signals_watch(struct hf_signals *before)
{
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
        sigaddset(&set, watched[i]);
    if (sigaction(SIGCHLD, &usual, &before->child) < 0 || sigprocmask(SIG_BLOCK, &set, &before->mask) < 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool hf_signals_passed_on(int number)
{
    for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++)
        if (watched[i] == number)
            return number != SIGCHLD;
    return false;
}

bool hf_signals_block_all(void)
{
    sigset_t all;

    sigfillset(&all);
    return sigprocmask(SIG_SETMASK, &all, NULL) == 0;
}

bool hf_signals_restore(const struct hf_signals *before)
{
    return sigaction(SIGCHLD, &before->child, NULL) == 0 && sigprocmask(SIG_SETMASK, &before->mask, NULL) == 0;
}
