/* holdfast learn: a policy from one run. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

struct options {
    const char *output;
    struct hf_source source; /* without a policy */
};

static const char usage[] =
    "usage: holdfast learn [--output FILE] [--mode block|proxy] [--workdir DIR] -- COMMAND ARG...\n"
    "\n"
    "Runs the command once WITHOUT LIMITS ON FILES, the rest of the sandbox being in force, looks on,\n"
    "and writes the smallest policy by which it can do the same again, with comments on what is unsure.\n"
    "\n"
    "  --output FILE  where to, also -o (without: standard error)\n"
    "  --mode MODE    block: no network (the default); proxy: the hosts that are asked for are refused\n"
    "                 in this run, and stand in the policy\n"
    "  --workdir DIR  where the command starts (without: here)\n"
    "\n"
    "exit status: as of run\n";

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {{"output", required_argument, NULL, 'o'},
                                          {"mode", required_argument, NULL, 'm'},
                                          {"workdir", required_argument, NULL, 'w'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    opterr = 0;
    while ((letter = getopt_long(argc, argv, "+:o:", known, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(usage, stdout);
            return HF_STATUS_OK;
        case 'o':
            options->output = optarg;
            break;
        case '?':
        case ':':
            hf_option_refuse(argv, letter, known);
            fputs(usage, stderr);
            return HF_STATUS_REFUSED;
        default:
            if (!hf_source_option(&options->source, letter, optarg))
                return HF_STATUS_REFUSED;
        }
    }
    if (argv[optind])
        return -1;
    fprintf(stderr, "holdfast: no command to run: write it after --\n%s", usage);
    return HF_STATUS_REFUSED;
}

/* What was there goes only when there is something to write. */
static void write_policy(const struct hf_sandbox *sandbox, const struct options *options, FILE *stream)
{
    if (stream != stderr && ftruncate(fileno(stream), 0) < 0)
        fprintf(stderr, "holdfast: %s: %s\n", options->output, strerror(errno));
    else if (!hf_sandbox_write_learnt(sandbox, stream))
        fprintf(stderr, "holdfast: the policy could not be written: %s\n", strerror(errno));
    else if (stream != stderr)
        fprintf(stderr, "holdfast: learn: %s is written: read it before it is used\n", options->output);
}

static int run(const struct options *options, char **command, FILE *stream)
{
    const struct hf_options own = {.mode = options->source.mode, .workdir = options->source.workdir, .learn = true};
    struct hf_policy *policy = hf_policy_load(NULL);
    struct hf_sandbox *sandbox = policy ? hf_sandbox_new(policy, &own, sizeof(own)) : NULL;
    struct hf_error error;
    struct hf_exit ended;
    int status = HF_STATUS_REFUSED;

    if (!sandbox) {
        hf_no_memory_print();
    } else {
        fputs("holdfast: learn: files are not limited in this run\n", stderr);
        if (hf_sandbox_run(sandbox, command, &ended, &error))
            write_policy(sandbox, options, stream);
        else
            hf_error_print(&error, NULL, stderr);
        status = hf_sandbox_status(sandbox);
    }
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
    return status;
}

int hf_cmd_learn(int argc, char **argv)
{
    struct options options = {0};
    int status = parse(argc, argv, &options), fd;
    FILE *stream = stderr;

    if (status >= 0)
        return status;
    if (options.output) {
        fd = open(options.output, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        stream = fd < 0 ? NULL : fdopen(fd, "w");
    }
    if (!stream) {
        fprintf(stderr, "holdfast: %s: %s\n", options.output, strerror(errno));
        return HF_STATUS_REFUSED;
    }
    status = run(&options, argv + optind, stream);
    if (stream != stderr && fclose(stream) != 0)
        fprintf(stderr, "holdfast: %s: %s\n", options.output, strerror(errno));
    return status;
}
