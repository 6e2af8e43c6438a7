/* Attempts on processes: execute a program, reach a process with a signal. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

/* In the child. The program's output goes to stderr: stdout has one line a probe and nothing else. */
static _Noreturn void become(char *path, int told)
{
    char *const argv[] = {path, NULL};
    int errnum;

    dup2(STDERR_FILENO, STDOUT_FILENO);
    execv(path, argv);
    errnum = errno;
    if (write(told, &errnum, sizeof(errnum)) < 0)
        _exit(126);
    _exit(127);
}

/* execve's errno comes back over a close-on-exec pipe, so that it cannot be taken for the program's own exit status. */
int probe_exec(char *const *arguments, FILE *answer)
{
    int ends[2];
    int pid, errnum, status;
    ssize_t got;

    if (pipe2(ends, O_CLOEXEC) < 0) {
        fprintf(answer, "pipe=%s", probe_errno_name(errno));
        return 0;
    }
    if (!probe_fork(&pid, answer)) {
        close(ends[0]);
        close(ends[1]);
        return 0;
    }
    if (pid == 0)
        become(arguments[0], ends[1]);
    close(ends[1]);
    do
        got = read(ends[0], &errnum, sizeof(errnum));
    while (got < 0 && errno == EINTR);
    close(ends[0]);
    status = probe_wait(pid, answer);
    if (got == sizeof(errnum))
        return errnum;
    if (status)
        fprintf(answer, "exit=%d", status);
    return 0;
}

static void *end_at_once(void *data)
{
    return data;
}

int probe_thread(char *const *arguments, FILE *answer)
{
    pthread_t thread;
    const int errnum = pthread_create(&thread, NULL, end_at_once, NULL);

    (void)arguments;
    (void)answer;
    return errnum ? errnum : pthread_join(thread, NULL);
}

int probe_signal(char *const *arguments, FILE *answer)
{
    const char *text = arguments[0];
    char *end;
    long pid;

    if (text[0] == 'o') {
        text = getenv("HF_OUTSIDE_PID");
        if (!text) {
            fputs("no-outside-pid", answer);
            return 0;
        }
    }
    errno = 0;
    pid = strtol(text, &end, 10);
    /* 0 and -1 would be this process's group and everything. */
    if (errno || end == text || *end || pid < 1 || pid != (pid_t)pid) {
        fputs("no-outside-pid", answer);
        return 0;
    }
    return kill((pid_t)pid, 0) < 0 ? errno : 0;
}
