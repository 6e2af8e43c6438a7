/* A blocking conversation with a time limit, and in words why there is none. */
#include "control/ask.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "control/socket.h"

/* The name of the process, as the kernel has it: "" where that cannot be told. */
static void name_of(int process, char name[static 32])
{
    char file[40];
    FILE *stream;

    name[0] = '\0';
    snprintf(file, sizeof(file), "/proc/%d/comm", process);
    stream = fopen(file, "re");
    if (!stream)
        return;
    if (fgets(name, 32, stream))
        name[strcspn(name, "\n")] = '\0';
    fclose(stream);
}

static bool not_found(int run, int errnum, struct hf_error *error)
{
    char name[32];

    if (errnum != ECONNREFUSED)
        return hf_fail(error, errnum == EAGAIN ? HF_RUN_SILENT : HF_RUN_NOT_FOUND, HF_STAGE_CONTROL, errnum, "%d", run);
    if (kill(run, 0) < 0 && errno == ESRCH)
        return hf_fail(error, HF_RUN_NOT_FOUND, HF_STAGE_CONTROL, 0, "%d: there is no such process", run);
    name_of(run, name);
    if (strcmp(name, "holdfast") == 0)
        return hf_fail(error, HF_RUN_NOT_FOUND, HF_STAGE_CONTROL, 0,
                       "%d: it is in block mode, or its proxy has ended, or it is not in this network namespace", run);
    return hf_fail(error, HF_RUN_NOT_FOUND, HF_STAGE_CONTROL, 0, "%d: this process is no run", run);
}

/* The name could be anybody's; the process that listens is the run, or an impostor. */
static bool check_peer(int fd, int run, struct hf_error *error)
{
    pid_t process;
    uid_t user;

    if (!hf_control_peer(fd, &process, &user))
        return hf_fail(error, HF_RUN_NOT_FOUND, HF_STAGE_CONTROL, errno, "%d", run);
    if (process != run)
        return hf_fail(error, HF_RUN_NOT_FOUND, HF_STAGE_CONTROL, 0, "%d: another process (%d, of user %u) has its name", run,
                       (int)process, (unsigned)user);
    return geteuid() == 0 || geteuid() == user ||
           hf_fail(error, HF_RUN_NOT_YOURS, HF_STAGE_CONTROL, 0, "%d was started by user %u", run, (unsigned)user);
}

static bool send_all(int fd, const char *bytes, size_t count)
{
    while (count) {
        const ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            return false;
        bytes += sent > 0 ? sent : 0;
        count -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

static bool receive_all(int fd, char *bytes, size_t count)
{
    while (count) {
        const ssize_t got = recv(fd, bytes, count, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = 0;
        if (got <= 0)
            return false;
        bytes += got;
        count -= (size_t)got;
    }
    return true;
}

/* One that is sent away has its connection reset: it may have been so before a byte was written. */
static bool converse(int fd, enum hf_control_kind request, const char *bytes, size_t count, enum hf_control_kind *kind,
                     char **body, size_t *length)
{
    char head[HF_CONTROL_HEAD];

    hf_control_head_write(request, count, head);
    if (!send_all(fd, head, sizeof(head)) || !send_all(fd, bytes, count) || !receive_all(fd, head, sizeof(head)))
        return false;
    errno = EPROTO;
    if (!hf_control_head_read(head, kind, length))
        return false;
    *body = malloc(*length + 1);
    if (!*body || !receive_all(fd, *body, *length))
        return false;
    (*body)[*length] = '\0';
    return true;
}

bool hf_control_ask(int run, enum hf_control_kind request, const char *bytes, size_t count, enum hf_control_kind *kind,
                    char **body, size_t *length, struct hf_error *error)
{
    hf_autoclose int fd = hf_control_connect(run);

    *body = NULL;
    if (count > HF_CONTROL_MAX)
        return hf_fail(error, HF_POLICY_UNREADABLE, HF_STAGE_CONTROL, E2BIG, "as a message");
    if (fd < 0)
        return not_found(run, errno, error);
    if (!check_peer(fd, run, error))
        return false;
    if (converse(fd, request, bytes, count, kind, body, length))
        return true;
    hf_fail(error, HF_RUN_SILENT, HF_STAGE_CONTROL, errno, "%d", run);
    free(*body);
    *body = NULL;
    return false;
}
