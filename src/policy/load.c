/* A policy from a file by name: regular files, and pipes, since `--policy <(generate)` is a habit. */
#include "base/cleanup.h"
#include "policy/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define READ_BYTES (1024 * 1024 + 1) /* one more than hf_policy_parse takes, so that it sees "too long" */

static const char *refuse_type(mode_t mode)
{
    if (S_ISREG(mode) || S_ISFIFO(mode))
        return NULL;
    return S_ISDIR(mode) ? "a directory" : S_ISSOCK(mode) ? "a socket" : "a device";
}

/* Reads up to READ_BYTES. Returns 0 or an errno. */
static int read_all(int fd, char *buffer, size_t *length)
{
    while (*length < READ_BYTES) {
        ssize_t got = read(fd, buffer + *length, READ_BYTES - *length);

        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return errno;
        if (got > 0)
            *length += (size_t)got;
    }
    return 0;
}

static bool fail(struct hf_faults *faults, const char *what, int errnum)
{
    hf_fault(faults, (struct hf_pos){0}, "cannot %s the policy file: %s%s", what, strerror(errnum),
             errnum == ENOENT   ? ": name one that is there"
             : errnum == EACCES ? ": name one that you may read"
                                : "");
    return false;
}

/* Standard input is the caller's own choice, a socket to a control plane included; only a directory is none. */
static bool open_input(struct hf_faults *faults, const char *file, int *fd)
{
    const bool named = strcmp(file, "-") != 0;
    struct stat status;
    const char *type;

    /* Asked before the open too: opening a device can block, or do something (a tape winds back). */
    if (named && stat(file, &status) == 0 && (type = refuse_type(status.st_mode))) {
        hf_fault(faults, (struct hf_pos){0}, "is %s: name a file or a pipe", type);
        return false;
    }
    *fd = named ? open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (*fd < 0)
        return fail(faults, "open", errno);
    if (fstat(*fd, &status) != 0)
        return fail(faults, "read", errno);
    if (named && (type = refuse_type(status.st_mode))) {
        hf_fault(faults, (struct hf_pos){0}, "is %s: name a file or a pipe", type);
        return false;
    }
    return true;
}

const char *hf_policy_file_name(const char *file)
{
    return file && strcmp(file, "-") == 0 ? "standard input" : file;
}

bool hf_policy_read(const char *file, char **text, size_t *length, struct hf_diagnostics *diagnostics)
{
    struct hf_faults faults = {.list = diagnostics};
    hf_autofree char *buffer = NULL;
    hf_autoclose int fd = -1;
    int errnum;

    *text = NULL;
    *length = 0;
    *diagnostics = (struct hf_diagnostics){0};
    if (!open_input(&faults, file, &fd))
        return false;
    buffer = malloc(READ_BYTES);
    if (!buffer)
        return fail(&faults, "read", ENOMEM);
    errnum = read_all(fd, buffer, length);
    if (errnum)
        return fail(&faults, "read", errnum);
    *text = hf_steal(buffer, NULL);
    return true;
}
