/* holdfast convert: a policy from one format to another, judged on the way. */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "cmd/cmd.h"

struct end {
    const char *file; /* "-" for standard input or output */
    bool format_given;
    enum hf_format format;
};

static const char usage[] =
    "usage: holdfast convert [--from yaml|pb] [--to yaml|pb] FILE FILE\n"
    "\n"
    "Writes the policy of the first file into the second in its format: YAML, or a protobuf message as\n"
    "--policy-pb takes it. `-` is standard input or output. Nothing of a policy is lost but comments.\n"
    "\n"
    "  --from FORMAT  the first file's format (without: by .yaml, .yml or .pb)\n"
    "  --to FORMAT    the second file's format (likewise)\n"
    "\n"
    "exit status: 0 written; 1 the policy is not valid, or cannot be read or written; 2 usage\n";

static bool take_format(struct end *end, const char *option, const char *name)
{
    end->format_given = hf_format_named(name, &end->format);
    if (!end->format_given)
        fprintf(stderr, "holdfast: %s is yaml or pb, not '%s'\n", option, name);
    return end->format_given;
}

static bool take_file(struct end *end, const char *option, const char *file)
{
    end->file = file;
    if (end->format_given || hf_format_of(file, &end->format))
        return true;
    fprintf(stderr, "holdfast: %s has no extension that names its format: give %s yaml or %s pb\n", file, option,
            option);
    return false;
}

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct end *from, struct end *to)
{
    static const struct option known[] = {{"from", required_argument, NULL, 'f'},
                                          {"to", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    opterr = 0;
    while ((letter = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        switch (letter) {
        case 'h':
            fputs(usage, stdout);
            return HF_STATUS_OK;
        case 'f':
            if (!take_format(from, "--from", optarg))
                return HF_STATUS_USAGE;
            break;
        case 't':
            if (!take_format(to, "--to", optarg))
                return HF_STATUS_USAGE;
            break;
        default:
            hf_option_refuse(argv, letter, known);
            fputs(usage, stderr);
            return HF_STATUS_USAGE;
        }
    }
    if (argc - optind != 2) {
        fputs(usage, stderr);
        return HF_STATUS_USAGE;
    }
    return take_file(from, "--from", argv[optind]) && take_file(to, "--to", argv[optind + 1]) ? -1 : HF_STATUS_USAGE;
}

/* Opened once there is something to write: a policy that is not valid leaves the file as it was. */
static bool put(const struct hf_policy *policy, const struct end *to)
{
    FILE *stream = strcmp(to->file, "-") == 0 ? stdout : fopen(to->file, "we");
    bool written = stream && hf_policy_write(policy, to->format, stream);

    if (stream && stream != stdout)
        written = fclose(stream) == 0 && written;
    if (!written)
        fprintf(stderr, "holdfast: %s cannot be written: %s\n", to->file, strerror(errno));
    return written;
}

static bool convert(const struct end *from, const struct end *to)
{
    struct hf_policy *policy = hf_policy_load_as(from->file, from->format);
    bool converted;

    if (!policy) {
        hf_no_memory_print();
        return false;
    }
    hf_faults_print(policy);
    converted = !hf_policy_fault_count(policy) && put(policy, to);
    hf_policy_unload(policy);
    return converted;
}

int hf_cmd_convert(int argc, char **argv)
{
    struct end from = {0}, to = {0};
    const int status = parse(argc, argv, &from, &to);

    if (status >= 0)
        return status;
    return convert(&from, &to) ? HF_STATUS_OK : HF_STATUS_INVALID;
}
