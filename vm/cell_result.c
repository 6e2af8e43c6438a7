/* The result lines of cells. */
#include "cell_result.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "encode.h"
#include "kernel/facts.h"
#include "kernel_lacks.h"
#include "kernel_log.h"

bool results_open(struct results *results, struct result_sink sink)
{
    *results = (struct results){.sink = sink};
    results->out = open_memstream(&results->text, &results->length);
    if (!results->out)
        perror("cannot gather results");
    return results->out != NULL;
}

void results_close(struct results *results)
{
    if (results->out)
        fclose(results->out);
    free(results->text);
}

static bool write_all(int fd, const char *text, size_t left)
{
    while (left) {
        const ssize_t written = write(fd, text, left);

        if (written < 0 && errno != EINTR) {
            perror("cannot write results");
            return false;
        }
        if (written > 0) {
            text += written;
            left -= (size_t)written;
        }
    }
    return true;
}

bool results_flush(struct results *results)
{
    if (fflush(results->out) != 0) {
        perror("cannot gather results");
        return false;
    }
    if (results->sink.ring)
        result_ring_write(results->sink.ring, results->text, results->length);
    else if (!write_all(results->sink.fd, results->text, results->length))
        return false;
    rewind(results->out);
    return true;
}

static void word(struct results *results, const char *text)
{
    encode_field(results->out, text, strlen(text));
}

void results_guest(struct results *results)
{
    const struct hf_facts facts = hf_facts_probe();
    struct utsname name;

    uname(&name);
    if (facts.landlock == HF_LANDLOCK_AVAILABLE)
        fprintf(results->out, "@guest abi=%d", facts.abi);
    else
        fprintf(results->out, "@guest abi=%s", hf_landlock_state_name(facts.landlock));
    fprintf(results->out, " errata=%u release=", facts.errata);
    word(results, name.release);
    fprintf(results->out, " uid=%u", geteuid());
    kernel_lacks(results->out);
    putc('\n', results->out);
}

void results_begin(struct results *results, const char *id)
{
    fputs("@begin ", results->out);
    word(results, id);
    putc('\n', results->out);
}

void results_data(struct results *results, const char *id, const char *name, const char *bytes, size_t length, bool cut)
{
    fputs("@data ", results->out);
    word(results, id);
    putc(' ', results->out);
    word(results, name);
    fputs(cut ? "%21cut " : " ", results->out);
    encode_field(results->out, bytes, length);
    putc('\n', results->out);
}

/* O_NONBLOCK: what a cell left in its place may be a FIFO. */
void results_file(struct results *results, const char *id, const char *path, char buffer[OUTPUT_MAX])
{
    hf_autoclose int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
    struct stat status;
    size_t length = 0;
    ssize_t got;

    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        return;
    while (length < OUTPUT_MAX && (got = read(fd, buffer + length, OUTPUT_MAX - length)) > 0)
        length += (size_t)got;
    results_data(results, id, path, buffer, length, status.st_size > OUTPUT_MAX);
}

void results_kernel_log(struct results *results, const char *id, char buffer[OUTPUT_MAX])
{
    const int log = results->sink.kernel_log;
    const size_t length = log >= 0 ? kernel_log_take(log, buffer, OUTPUT_MAX) : 0;

    if (length && id) {
        results_data(results, id, "kernel.log", buffer, length, false);
    } else if (length) {
        fputs("@kernel ", results->out);
        encode_field(results->out, buffer, length);
        putc('\n', results->out);
    }
}

void results_end(struct results *results, const char *id, const struct ended *ended, long ms)
{
    fputs("@end ", results->out);
    word(results, id);
    if (ended->failed)
        fprintf(results->out, " setup=%s:%s", ended->failed, strerrorname_np(ended->errnum));
    else if (ended->timed_out)
        fputs(" timeout", results->out);
    else if (WIFSIGNALED(ended->status))
        fprintf(results->out, " signal=%d", WTERMSIG(ended->status));
    else
        fprintf(results->out, " exit=%d", WEXITSTATUS(ended->status));
    fprintf(results->out, " ms=%ld\n", ms);
}
