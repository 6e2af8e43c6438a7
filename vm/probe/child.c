/* Attempts in a child of their own, for what would leave its mark on the process or end it. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

const char *probe_errno_name(int errnum)
{
    const char *name = strerrorname_np(errnum);

    return name ? name : "EUNKNOWN";
}

/* False when there is no child: `answer` then says `fork=ERRNO`, which nobody can take for the answer to the attempt.
 * The child has no say in the answer, and its copy of the stream is closed: it ends without main's clean-up. */
bool probe_fork(int *pid, FILE *answer)
{
    *pid = fork();
    if (*pid < 0)
        fprintf(answer, "fork=%s", probe_errno_name(errno));
    if (*pid == 0)
        fclose(answer);
    return *pid >= 0;
}

int probe_wait(int pid, FILE *answer)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            fprintf(answer, "wait=%s", probe_errno_name(errno));
            return errno;
        }
    }
    if (WIFSIGNALED(status))
        fprintf(answer, "signal=%d", WTERMSIG(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* The errno comes back as the exit status: Linux's are below 256 (include/uapi/asm-generic/errno.h). */
int probe_in_child(probe_work *work, const void *data, FILE *answer)
{
    const struct rlimit no_core = {0, 0};
    int pid;

    if (!probe_fork(&pid, answer))
        return 0;
    if (pid == 0) {
        /* A filter that kills does so with SIGSYS, which writes a core file into the working directory. */
        (void)setrlimit(RLIMIT_CORE, &no_core);
        _exit(work(data));
    }
    return probe_wait(pid, answer);
}
