/* holdfast plan: what a start would enforce, on this kernel or another, without starting anything. */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "cmd/cmd.h"

struct options {
    struct hf_source source;
    struct hf_kernel kernel;
    bool other_kernel; /* plan for that one */
    bool json;
};

static const char usage[] = "usage: holdfast plan [--policy FILE | --policy-pb FILE] [--mode block|proxy]\n"
                            "                     [--workdir DIR] [--abi N|none|off|blocked] [--json]\n"
                            "\n"
                            "  --abi ABI  plan for a kernel of this landlock ABI (without: for this one)\n"
                            "  --json     print JSON\n"
                            "\n"
                            "exit status: 0 it would start; 1 it would be refused, or the policy is not valid; 2 usage\n";

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {{"policy", required_argument, NULL, 'p'},
                                          {"policy-pb", required_argument, NULL, 'b'},
                                          {"mode", required_argument, NULL, 'm'},
                                          {"workdir", required_argument, NULL, 'w'},
                                          {"abi", required_argument, NULL, 'a'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(usage, stdout);
            return HF_STATUS_OK;
        case 'j':
            options->json = true;
            break;
        case 'a':
            options->other_kernel = hf_kernel_parse(optarg, &options->kernel, sizeof(options->kernel));
            if (options->other_kernel)
                break;
            fprintf(stderr, "holdfast: --abi is a number from 1, none, off or blocked, not '%s'\n", optarg);
            return HF_STATUS_USAGE;
        case '?':
        case ':':
            hf_option_refuse(argv, letter, known);
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

static int plan(const struct options *options, const struct hf_policy *policy, struct hf_sandbox *sandbox)
{
    struct hf_error error;

    hf_faults_print(policy);
    if (hf_policy_fault_count(policy))
        return HF_STATUS_INVALID;
    if (!hf_sandbox_plan(sandbox, options->other_kernel ? &options->kernel : NULL, &error)) {
        hf_error_print(&error, hf_policy_name(policy), stderr);
        return HF_STATUS_INVALID;
    }
    if ((options->json ? hf_sandbox_write_plan : hf_sandbox_print_plan)(sandbox, stdout) && fflush(stdout) == 0)
        return HF_STATUS_OK;
    fprintf(stderr, "holdfast: the plan could not be written: %s\n", strerror(errno));
    return HF_STATUS_INVALID;
}

int hf_cmd_plan(int argc, char **argv)
{
    const struct hf_options none = {0};
    struct options options = {0};
    struct hf_sandbox *sandbox;
    struct hf_policy *policy;
    int status = parse(argc, argv, &options);

    if (status >= 0)
        return status;
    if (!hf_source_open(&options.source, &none, &policy, &sandbox))
        return HF_STATUS_INVALID;
    status = plan(&options, policy, sandbox);
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
    return status;
}
