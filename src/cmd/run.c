/* holdfast run: policy, plan, prepare, launch, report. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"
#include "enforce/reach.h"
#include "launch/launch.h"
#include "report/capture.h"

struct options {
    struct hf_source source;
    const char *report_file;
    const char *capture_file;
    unsigned timeout;
    char **command; /* NULL at the end */
};

static const char usage[] =
    "usage: holdfast run [--policy FILE] [--mode block|proxy] [--workdir DIR] [--report FILE]\n"
    "                    [--capture FILE] [--timeout SECONDS] -- COMMAND ARG...\n"
    "\n"
    "  --policy FILE      what the command may do (without: the default set of paths, no network)\n"
    "  --mode MODE        block: no network; proxy: through the filtering proxy only\n"
    "                     (without: proxy where the policy has network_policies)\n"
    "  --workdir DIR      where the command starts (without: here)\n"
    "  --report FILE      write what was planned, enforced and became of it, as JSON\n"
    "  --capture FILE     write policy, command and what became of them as a scenario, for a bug report:\n"
    "                     without names of user, host and homes, without environment or what is in files\n"
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

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {{"policy", required_argument, NULL, 'p'},
                                          {"mode", required_argument, NULL, 'm'},
                                          {"workdir", required_argument, NULL, 'w'},
                                          {"report", required_argument, NULL, 'r'},
                                          {"capture", required_argument, NULL, 'c'},
                                          {"timeout", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    while ((letter = getopt_long(argc, argv, "+", known, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(usage, stdout);
            return HF_STATUS_OK;
        case 'r':
            options->report_file = optarg;
            break;
        case 'c':
            options->capture_file = optarg;
            break;
        case 't':
            if (!parse_timeout(optarg, &options->timeout))
                return HF_STATUS_REFUSED;
            break;
        case '?':
            fputs(usage, stderr);
            return HF_STATUS_REFUSED;
        default:
            if (!hf_source_option(&options->source, letter, optarg))
                return HF_STATUS_REFUSED;
        }
    }
    options->command = argv + optind;
    if (options->command[0])
        return -1;
    fprintf(stderr, "holdfast: no command to run\n%s", usage);
    return HF_STATUS_REFUSED;
}

/* From a plan to the end of the command. */
static bool start(const struct hf_launch *template, struct hf_result *result, const struct options *options)
{
    hf_autofree char *command = NULL;
    struct hf_launch launch = *template;
    struct hf_identity identity = {0};
    struct hf_error *error = &result->error;
    bool started = false;

    if (hf_command_find(options->command[0], &command, error) &&
        (!launch.plan->landlock || hf_reach_check(command, launch.prepared, error)) &&
        hf_identity_resolve(launch.plan, &identity, error)) {
        hf_warnings_print(launch.plan, launch.prepared, result->policy, stderr);
        launch.identity = &identity;
        launch.command = command;
        launch.arguments = options->command;
        launch.timeout = options->timeout;
        started = hf_launch(&launch, &result->ended, error);
    }
    hf_identity_free(&identity);
    return started;
}

static bool prepare_and_start(const struct hf_plan *plan, const struct hf_policy *policy, const char *run_directory,
                              struct hf_prepared *prepared, struct hf_result *result, const struct options *options)
{
    const struct hf_launch launch = {
        .plan = plan, .policy = policy, .prepared = prepared, .run_directory = run_directory};

    if (chdir(plan->workdir) < 0)
        return hf_fail(&result->error, HF_WORKDIR_UNUSABLE, HF_STAGE_PREPARE, errno, "%s", plan->workdir);
    if (!hf_prepare(plan, prepared, &result->error))
        return false;
    result->prepared = prepared;
    return start(&launch, result, options);
}

/* The files that tell what became of the run, opened before it; -1 where none is asked for. */
struct files {
    int report;
    int capture;
};

static bool open_one(const char *file, mode_t mode, enum hf_error_id id, int *fd)
{
    struct hf_error error;

    if (!file)
        return true;
    *fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (*fd >= 0)
        return true;
    hf_fail(&error, id, HF_STAGE_REPORT, errno, "%s", file);
    hf_error_print(&error, NULL, stderr);
    return false;
}

/* To the person and into the files. */
static void tell(const struct hf_result *result, const struct hf_capture *capture, struct files files)
{
    struct hf_error unwritable;

    if (!result->started)
        hf_error_print(&result->error, result->policy, stderr);
    if (files.report >= 0 && !hf_report_write(result, files.report, &unwritable))
        hf_error_print(&unwritable, NULL, stderr);
    if (files.capture >= 0 && !hf_capture_write(capture, result, files.capture, &unwritable))
        hf_error_print(&unwritable, NULL, stderr);
}

/* Everything that takes the plan's memory and descriptors with it when it ends. */
static void run_policy(const struct options *options, struct hf_capture *capture, struct hf_result *result,
                       struct files files)
{
    const struct hf_policy *policy = capture->policy;
    struct hf_plan_input input = {
        .policy = policy, .mode = hf_source_mode(&options->source, policy), .mode_given = options->source.mode_given,
        .facts = capture->facts};
    char run_directory[PATH_MAX] = "";
    struct hf_plan plan = {0};
    struct hf_prepared prepared = {.ruleset = -1};

    if (capture->workdir && (input.mode == HF_MODE_BLOCK || hf_run_directory_make(run_directory, &result->error))) {
        input.workdir = capture->workdir;
        input.run_directory = run_directory;
        result->plan = &plan;
        result->started = hf_plan_make(&input, &plan, &result->error) &&
                          prepare_and_start(&plan, policy, run_directory, &prepared, result, options);
    }
    if (run_directory[0])
        hf_run_directory_remove(run_directory);
    tell(result, capture, files);
    hf_prepared_free(&prepared);
    hf_plan_free(&plan);
}

static int run(const struct options *options)
{
    const struct hf_source *source = &options->source;
    struct hf_result result = {.policy = source->policy_file};
    struct hf_diagnostics diagnostics;
    hf_autofree char *text = NULL, *workdir = NULL;
    struct hf_policy policy;
    struct hf_capture capture = {.policy = &policy,
                                 .mode = source->mode_given ? hf_mode_name(source->mode) : NULL,
                                 .command = options->command,
                                 .timeout = options->timeout,
                                 .facts = hf_facts_probe()};
    hf_autoclose int report = -1, captured = -1;
    bool valid;

    if (!open_one(options->report_file, 0644, HF_REPORT_UNWRITABLE, &report) ||
        !open_one(options->capture_file, 0600, HF_CAPTURE_UNWRITABLE, &captured))
        return HF_STATUS_REFUSED;
    valid = hf_source_policy(source, &text, &capture.length, &policy, &diagnostics);
    capture.text = text;
    if (hf_source_workdir(source, &workdir, &result.error))
        capture.workdir = workdir;
    if (captured >= 0)
        hf_capture_look(&capture);
    if (valid) {
        run_policy(options, &capture, &result, (struct files){report, captured});
    } else {
        const bool whole_file = diagnostics.count && !diagnostics.items[0].pos.line;

        result.diagnostics = &diagnostics;
        hf_fail(&result.error, whole_file ? HF_POLICY_UNREADABLE : HF_POLICY_INVALID, HF_STAGE_POLICY, 0, "%s",
                result.policy);
        tell(&result, &capture, (struct files){report, captured});
    }
    hf_capture_free(&capture);
    hf_policy_free(&policy);
    hf_diagnostics_free(&diagnostics);
    return hf_result_status(&result);
}

int hf_cmd_run(int argc, char **argv)
{
    struct options options = {0};
    const int status = parse(argc, argv, &options);

    return status >= 0 ? status : run(&options);
}
