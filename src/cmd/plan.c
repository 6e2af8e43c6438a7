/* holdfast plan: what a start would enforce, on this kernel or another, without starting anything. */
#include <getopt.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/cmd.h"

struct options {
    struct hf_source source;
    struct hf_facts facts;
    bool json;
};

static const char usage[] = "usage: holdfast plan [--policy FILE] [--mode block|proxy] [--workdir DIR]\n"
                            "                     [--abi N|none|off|blocked] [--json]\n"
                            "\n"
                            "  --abi ABI  plan for a kernel of this landlock ABI (without: for this one)\n"
                            "  --json     print JSON\n"
                            "\n"
                            "exit status: 0 it would start; 1 it would be refused, or the policy is not valid; 2 usage\n";

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {{"policy", required_argument, NULL, 'p'},
                                          {"mode", required_argument, NULL, 'm'},
                                          {"workdir", required_argument, NULL, 'w'},
                                          {"abi", required_argument, NULL, 'a'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(usage, stdout);
            return HF_STATUS_OK;
        case 'j':
            options->json = true;
            break;
        case 'a':
            if (hf_facts_parse(optarg, &options->facts))
                break;
            fprintf(stderr, "holdfast: --abi is a number from 1, none, off or blocked, not '%s'\n", optarg);
            return HF_STATUS_USAGE;
        case '?':
            fputs(usage, stderr);
            return HF_STATUS_USAGE;
        default:
            if (!hf_source_option(&options->source, letter, optarg))
                return HF_STATUS_USAGE;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "holdfast: plan takes no argument, and was given '%s'\n%s", argv[optind], usage);
    return HF_STATUS_USAGE;
}

static int print(const struct options *options, const struct hf_plan *plan)
{
    json_t *json;
    int status;

    if (!options->json) {
        hf_plan_print(plan, options->source.policy_file, stdout);
        return HF_STATUS_OK;
    }
    json = hf_plan_json(plan);
    status = json && json_dumpf(json, stdout, JSON_INDENT(2)) == 0 ? HF_STATUS_OK : HF_STATUS_INVALID;
    json_decref(json);
    puts("");
    return status;
}

static int plan_policy(const struct options *options, const struct hf_policy *policy)
{
    hf_autofree char *workdir = NULL;
    struct hf_plan plan = {0};
    struct hf_error error;
    struct hf_plan_input input = {.policy = policy,
                                  .mode = hf_source_mode(&options->source, policy),
                                  .mode_given = options->source.mode_given,
                                  .facts = options->facts,
                                  .run_directory = "(the run's directory)"};
    int status = HF_STATUS_INVALID;
    bool planned;

    if (!hf_source_workdir(&options->source, &workdir, &error)) {
        hf_error_print(&error, options->source.policy_file, stderr);
        return status;
    }
    input.workdir = workdir;
    planned = hf_plan_make(&input, &plan, &error);
    if (planned)
        status = print(options, &plan);
    else
        hf_error_print(&error, options->source.policy_file, stderr);
    hf_plan_free(&plan);
    return status;
}

int hf_cmd_plan(int argc, char **argv)
{
    struct options options = {.facts = hf_facts_probe()};
    struct hf_diagnostics diagnostics;
    hf_autofree char *text = NULL;
    struct hf_policy policy;
    size_t length;
    int status = parse(argc, argv, &options);

    if (status >= 0)
        return status;
    status = HF_STATUS_INVALID;
    if (hf_source_policy(&options.source, &text, &length, &policy, &diagnostics))
        status = plan_policy(&options, &policy);
    hf_policy_free(&policy);
    hf_diagnostics_free(&diagnostics);
    return status;
}
