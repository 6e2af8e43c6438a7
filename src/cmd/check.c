/* holdfast check: is each policy file valid? Every fault of every file, in one run. */
#include <getopt.h>

#include "cmd/cmd.h"

static const char usage[] = "usage: holdfast check FILE...\n"
                            "\n"
                            "A file whose name ends in .pb is a protobuf message, any other is YAML; - is YAML from\n"
                            "standard input.\n"
                            "\n"
                            "exit status: 0 all valid; 1 a file is not, each fault as FILE:LINE:COLUMN: message (in a\n"
                            "protobuf message FILE:FIELD: message); 2 usage\n"
                            "\n"
                            "A key that is valid and that this version cannot enforce is told as a note, and is no\n"
                            "fault: a start in proxy mode with it is refused, one in block mode is not.\n";

static bool check(const char *file)
{
    enum hf_format format;
    struct hf_policy *policy = hf_policy_load_as(file, hf_format_of(file, &format) ? format : HF_FORMAT_YAML);
    struct hf_remark key;
    bool valid;

    if (!policy) {
        hf_no_memory_print();
        return false;
    }
    hf_faults_print(policy);
    for (size_t i = 0; hf_policy_unenforced(policy, i, &key); i++) {
        hf_place_print(policy, &key);
        fprintf(stderr, ": note: this version cannot enforce '%s': a start in proxy mode is refused\n", key.text);
    }
    valid = !hf_policy_fault_count(policy);
    hf_policy_unload(policy);
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
