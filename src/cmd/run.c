/* holdfast run: from a command line to a sandbox, and to the files that tell of it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/kind.h"

struct options {
    const struct hf_run_kind *kind;
    struct hf_source source;
    const char *report_file;
    const char *capture_file;
    const char *log_file;
    const char *log_format; /* or NULL */
    unsigned capture_with; /* parts of enum hf_capture_part */
    unsigned timeout;
    char **command; /* NULL at the end */
};

static const char usage[] =
    "usage: holdfast run [--policy FILE | --policy-pb FILE] [--mode block|proxy] [--workdir DIR]\n"
    "                    [--report FILE] [--log FILE] [--log-format plain|ocsf]\n"
    "                    [--capture FILE] [--capture-with LIST] [--timeout SECONDS] -- COMMAND ARG...\n"
    "\n"
    "  --policy FILE      what the command may do, as YAML (without: what " HF_POLICY_FILE "\n"
    "                     says; without that too: the default set of paths, no network)\n"
    "  --policy-pb FILE   the same as a protobuf message; - is standard input, for both\n"
    "  --mode MODE        block: no network; proxy: through the filtering proxy only\n"
    "                     (without: proxy where the policy has network_policies)\n"
    "  --workdir DIR      where the command starts (without: here)\n"
    "  --report FILE      write what was planned, enforced and became of it, as JSON\n"
    "  --log FILE         append a line of JSON for each decision of the proxy's\n"
    "  --log-format FORMAT\n"
    "                     of these lines: plain, or ocsf, the Open Cybersecurity Schema Framework's (without: plain)\n"
    "  --capture FILE     write policy, command and what became of them as a scenario, for a bug report:\n"
    "                     without names of user, host and homes, without environment or what is in files\n"
    "  --capture-with LIST\n"
    "                     but with these of names, environment, contents (of small text files); commas between\n"
    "  --timeout SECONDS  end the command after this time\n"
    "\n"
    "exit status: the command's own; 124 time limit; 125 the sandbox could not be set up and\n"
    "nothing was run; 126 the command could not be executed; 127 no such command; 128+N signal N\n";

static bool parse_timeout(const char *text, unsigned *seconds)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || errno || *end || value == 0 || value > 365UL * 24 * 3600) {
        fprintf(stderr, "holdfast: --timeout is a whole number of seconds from 1, not '%s'\n", text);
        return false;
    }
    *seconds = (unsigned)value;
    return true;
}

static bool take_format(const char *name, const char **format)
{
    *format = name;
    if (strcmp(name, "plain") == 0 || strcmp(name, "ocsf") == 0)
        return true;
    fprintf(stderr, "holdfast: --log-format is plain or ocsf, not '%s'\n", name);
    return false;
}

/* What is of a file that is not asked for. */
static bool is_in_vain(const struct options *options)
{
    if (options->capture_with && !options->capture_file)
        fputs("holdfast: --capture-with is of a capture: give --capture FILE, too\n", stderr);
    else if (options->log_format && !options->log_file)
        fputs("holdfast: --log-format is of a log: give --log FILE, too\n", stderr);
    else
        return false;
    return true;
}

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {{"policy", required_argument, NULL, 'p'},
                                          {"policy-pb", required_argument, NULL, 'b'},
                                          {"mode", required_argument, NULL, 'm'},
                                          {"workdir", required_argument, NULL, 'w'},
                                          {"report", required_argument, NULL, 'r'},
                                          {"log", required_argument, NULL, 'l'},
                                          {"log-format", required_argument, NULL, 'L'},
                                          {"capture", required_argument, NULL, 'c'},
                                          {"capture-with", required_argument, NULL, 'C'},
                                          {"timeout", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    opterr = 0;
    while ((letter = getopt_long(argc, argv, "+:", known, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(options->kind->usage, stdout);
            return HF_STATUS_OK;
        case 'r':
            options->report_file = optarg;
            break;
        case 'l':
            options->log_file = optarg;
            break;
        case 'L':
            if (!take_format(optarg, &options->log_format))
                return HF_STATUS_REFUSED;
            break;
        case 'c':
            options->capture_file = optarg;
            break;
        case 'C':
            if (!hf_capture_with(optarg, &options->capture_with))
                return HF_STATUS_REFUSED;
            break;
        case 't':
            if (!parse_timeout(optarg, &options->timeout))
                return HF_STATUS_REFUSED;
            break;
        case '?':
        case ':':
            hf_option_refuse(argv, letter, known);
            fputs(options->kind->usage, stderr);
            return HF_STATUS_REFUSED;
        default:
            if (!hf_source_option(&options->source, letter, optarg))
                return HF_STATUS_REFUSED;
        }
    }
    options->command = argv + optind;
    if (is_in_vain(options))
        return HF_STATUS_REFUSED;
    if (options->command[0])
        return -1;
    fprintf(stderr, "holdfast: no command to run: write it after --\n%s", options->kind->usage);
    return HF_STATUS_REFUSED;
}

/* The files that tell of the run; -1 where one is not asked for. */
struct files {
    int report, log, capture;
};

/* One of them, opened before the run. */
static bool open_one(const char *file, int flags, mode_t mode, enum hf_error_id id, int *fd)
{
    struct hf_error error = {.id = id, .stage = HF_STAGE_REPORT};

    *fd = -1;
    if (!file)
        return true;
    *fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode);
    if (*fd >= 0)
        return true;
    error.errnum = errno;
    snprintf(error.object, sizeof(error.object), "%s", file);
    hf_error_print(&error, NULL, stderr);
    return false;
}

/* What became of the run, in such a file. */
static void write_one(const struct hf_sandbox *sandbox, int fd,
                      bool (*write_to)(const struct hf_sandbox *, int, struct hf_error *), struct hf_error *error)
{
    if (fd >= 0 && !write_to(sandbox, fd, error))
        hf_error_print(error, NULL, stderr);
}

static int run_to_files(const struct options *options, const struct files *files)
{
    const struct hf_options own = {.timeout = options->timeout,
                                   .capture = files->capture >= 0,
                                   .capture_with = options->capture_with,
                                   .observe = options->kind->observe,
                                   .warnings = stderr,
                                   .log = files->log >= 0 ? &files->log : NULL,
                                   .log_format = options->log_format};
    struct hf_sandbox *sandbox;
    struct hf_policy *policy;
    struct hf_error error;
    struct hf_exit ended;
    int status;

    if (!hf_source_open(&options->source, &own, &policy, &sandbox))
        return HF_STATUS_REFUSED;
    hf_faults_print(policy);
    if (!options->source.policy_file && hf_policy_name(policy))
        fprintf(stderr, "holdfast: no policy is named: %s is taken\n", hf_policy_name(policy));
    if (!hf_sandbox_run(sandbox, options->command, &ended, &error))
        hf_error_print(&error, hf_policy_name(policy), stderr);
    if (options->kind->observe && !hf_sandbox_tell_denials(sandbox, stderr))
        hf_no_memory_print();
    write_one(sandbox, files->report, hf_sandbox_report, &error);
    write_one(sandbox, files->capture, hf_sandbox_capture, &error);
    status = hf_sandbox_status(sandbox);
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
    return status;
}

static bool open_files(const struct options *options, struct files *files)
{
    return open_one(options->report_file, O_TRUNC, 0644, HF_REPORT_UNWRITABLE, &files->report) &&
           open_one(options->log_file, O_APPEND, 0600, HF_LOG_UNWRITABLE, &files->log) &&
           open_one(options->capture_file, O_TRUNC, 0600, HF_CAPTURE_UNWRITABLE, &files->capture);
}

static int run(const struct options *options)
{
    struct files files = {-1, -1, -1};
    const int status = open_files(options, &files) ? run_to_files(options, &files) : HF_STATUS_REFUSED;
    const int all[] = {files.report, files.log, files.capture};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i] >= 0)
            close(all[i]);
    return status;
}

int hf_run_as(const struct hf_run_kind *kind, int argc, char **argv)
{
    struct options options = {.kind = kind};
    const int status = parse(argc, argv, &options);

    return status >= 0 ? status : run(&options);
}

int hf_cmd_run(int argc, char **argv)
{
    const struct hf_run_kind plain = {.usage = usage};

    return hf_run_as(&plain, argc, argv);
}
