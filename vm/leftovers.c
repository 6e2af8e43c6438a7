/* Ending every process of a run: descendants that lose their parent fall to the caller, who kills until none is left. */
#include "leftovers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

bool hf_leftovers_adopt(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

/* /proc/PID/task/TID/children (proc(5), CONFIG_PROC_CHILDREN, in the distributions' kernels). */
static bool kill_children(void)
{
    char path[64];
    FILE *list;
    pid_t child;

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
    list = fopen(path, "re");
    if (!list)
        return false;
    while (fscanf(list, "%d", &child) == 1)
        kill(child, SIGKILL);
    return fclose(list) == 0;
}

void hf_leftovers_kill(void)
{
    for (;;) {
        /* Where they cannot be listed they cannot be killed, and waiting for them could be for ever. */
        const int options = kill_children() ? 0 : WNOHANG;
        const pid_t reaped = waitpid(-1, NULL, options);

        if (reaped == 0 || (reaped < 0 && errno != EINTR))
            return;
    }
}
