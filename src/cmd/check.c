/* holdfast check: is each policy file valid? Every fault of every file, in one run. */
#include <getopt.h>

#include "cmd/cmd.h"

static const char usage[] = "usage: holdfast check FILE...\n"
                            "\n"
                            "exit status: 0 all valid; 1 a file is not, each fault as FILE:LINE:COLUMN: message; 2 usage\n"
                            "\n"
                            "A key that is valid and that this version cannot enforce is told as a note, and is no\n"
                            "fault: a start in proxy mode with it is refused, one in block mode is not.\n";

static void print_notes(const char *file, const struct hf_policy *policy)
{
    for (size_t i = 0; i < policy->unenforced_count; i++) {
        const struct hf_unenforced *key = &policy->unenforced[i];

        fprintf(stderr, "%s:%u:%u: note: this version cannot enforce '%s': a start in proxy mode is refused\n", file,
                key->pos.line, key->pos.column, key->key);
    }
}

static bool check(const char *file)
{
    struct hf_diagnostics diagnostics = {0};
    struct hf_policy policy = {0};
    const bool valid = hf_policy_load(file, &policy, &diagnostics);

    if (valid)
        print_notes(file, &policy);
    else
        hf_diagnostics_print(&diagnostics, file, stderr);
    hf_policy_free(&policy);
    hf_diagnostics_free(&diagnostics);
    return valid;
}

int hf_cmd_check(int argc, char **argv)
{
    static const struct option known[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const int letter = getopt_long(argc, argv, "", known, NULL);
    bool valid = true;

    if (letter == 'h') {
        fputs(usage, stdout);
        return HF_STATUS_OK;
    }
    if (letter != -1 || optind == argc) {
        fputs(usage, stderr);
        return HF_STATUS_USAGE;
    }
    for (int i = optind; i < argc; i++)
        valid = check(argv[i]) && valid;
    return valid ? HF_STATUS_OK : HF_STATUS_INVALID;
}
