/* holdfast: a table of verbs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} verbs[] = {
    {"run", hf_cmd_run, "run a command in a sandbox"},
    {"why", hf_cmd_why, "run a command and tell what the sandbox denied it, with a patch"},
    {"learn", hf_cmd_learn, "write a policy from a run in which files are not limited"},
    {"plan", hf_cmd_plan, "show what would be enforced, and because of which line"},
    {"check", hf_cmd_check, "check policy files"},
    {"convert", hf_cmd_convert, "write a policy as YAML or as a protobuf message"},
    {"update", hf_cmd_update, "give a run that goes on other networks"},
    {"top", hf_cmd_top, "show what runs that go on let through and deny"},
    {"probe", hf_cmd_probe, "show what this kernel offers"},
};

static void help(FILE *stream)
{
    fputs("usage: holdfast VERB ...\n\n", stream);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        fprintf(stream, "  %-7s %s\n", verbs[i].name, verbs[i].summary);
    fputs("\nholdfast VERB --help tells more; --version prints the version\n", stream);
}

/* What is opened next would get the number of a stream that the caller has closed, and be lost when the run gives its streams
 * up. Only until an exec: the command finds closed what was closed. */
static bool hold_streams(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
            return false;
    return true;
}

/* Not inlined: main would have an error's two pages below it as long as it lives. */
__attribute__((noinline)) static int refuse_streams(void)
{
    const struct hf_error error = {.id = HF_LAUNCH_FAILED, .stage = HF_STAGE_LAUNCH, .errnum = errno,
                                   .object = "/dev/null in the place of a closed standard stream"};

    hf_error_print(&error, NULL, stderr);
    return HF_STATUS_REFUSED;
}

int main(int argc, char **argv)
{
    if (!hold_streams())
        return refuse_streams();
    if (argc < 2) {
        help(stderr);
        return HF_STATUS_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0) {
        help(stdout);
        return HF_STATUS_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("holdfast %s\n", hf_version());
        return HF_STATUS_OK;
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    fprintf(stderr, "holdfast: no verb '%s': the verbs are these\n", argv[1]);
    help(stderr);
    return HF_STATUS_USAGE;
}
