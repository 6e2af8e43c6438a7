/* holdfast update: other networks for a run that goes on. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

static const char usage[] =
    "usage: holdfast update RUN --policy FILE | --policy-pb FILE\n"
    "\n"
    "  RUN                the process id of a holdfast run in proxy mode\n"
    "  --policy FILE      its network_policies become the run's, as YAML; the rest of it must be what the run\n"
    "                     was started with\n"
    "  --policy-pb FILE   the same as a protobuf message; - is standard input, for both\n"
    "\n"
    "exit status: 0 the run goes by the file; 1 it goes on as before, and why is told; 2 usage\n";

struct options {
    int run;
    struct hf_source source;
};

bool hf_run_named(const char *text, int *run)
{
    char *end;
    long number;

    errno = 0;
    number = strtol(text, &end, 10);
    if (text[0] < '1' || text[0] > '9' || errno || *end || number > INT_MAX) {
        fprintf(stderr, "holdfast: RUN is the process id of a holdfast run, not '%s'\n", text);
        return false;
    }
    *run = (int)number;
    return true;
}

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {{"policy", required_argument, NULL, 'p'},
                                          {"policy-pb", required_argument, NULL, 'b'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        if (letter == 'h') {
            fputs(usage, stdout);
            return HF_STATUS_OK;
        }
        if (letter == '?' || letter == ':') {
            hf_option_refuse(argv, letter, known);
            fputs(usage, stderr);
            return HF_STATUS_USAGE;
        }
        if (!hf_source_option(&options->source, letter, optarg))
            return HF_STATUS_USAGE;
    }
    if (optind != argc - 1 || !options->source.policy_file) {
        fprintf(stderr, "holdfast: %s\n%s",
                optind != argc - 1 ? "give one RUN" : "there is no policy to go by: give --policy FILE", usage);
        return HF_STATUS_USAGE;
    }
    return hf_run_named(argv[optind], &options->run) ? -1 : HF_STATUS_USAGE;
}

static bool update(int run, const struct hf_policy *policy)
{
    struct hf_refusals *refusals;
    struct hf_remark refusal;
    struct hf_error error;
    const bool done = hf_run_update(run, policy, &refusals, &error);

    for (size_t i = 0; hf_refusal(refusals, i, &refusal); i++) {
        hf_place_print(policy, &refusal);
        fprintf(stderr, ": %s\n", refusal.text);
    }
    hf_refusals_free(refusals);
    if (!done)
        hf_error_print(&error, hf_policy_name(policy), stderr);
    return done;
}

int hf_cmd_update(int argc, char **argv)
{
    struct options options = {0};
    const int status = parse(argc, argv, &options);
    struct hf_policy *policy;
    bool done;

    if (status >= 0)
        return status;
    policy = hf_policy_load_as(options.source.policy_file, options.source.format);
    if (!policy) {
        hf_no_memory_print();
        return HF_STATUS_INVALID;
    }
    hf_faults_print(policy);
    done = update(options.run, policy);
    hf_policy_unload(policy);
    return done ? HF_STATUS_OK : HF_STATUS_INVALID;
}
