/* holdfast probe: the kernel facts that a start on this machine goes by. */
#include <getopt.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd/cmd.h"

static const char usage[] = "usage: holdfast probe [--json]\n"
                            "\n"
                            "exit status: 0 landlock is available; 1 it is not; 2 usage\n";

static void print_errata(const struct hf_kernel *kernel)
{
    const char *what;
    unsigned number;
    int since;

    for (size_t i = 0; hf_kernel_erratum(i, &number, &since, &what); i++)
        if (since <= kernel->abi)
            printf("  erratum %u (%s): %s\n", number, what,
                   kernel->errata >> (number - 1) & 1 ? "fixed" : kernel->errata_told ? "not fixed" : "not told");
}

static void print(const struct hf_kernel *kernel)
{
    struct utsname machine;
    const char *right;
    int since;

    if (uname(&machine) < 0)
        machine.release[0] = '\0';
    printf("landlock: %s, ABI %d, errata 0x%x (kernel %s)\n", kernel->landlock, kernel->abi, kernel->errata,
           machine.release);
    printf("namespaces: %s\n", kernel->privileged ? "as root" : "through a user namespace");
    for (size_t i = 0; hf_kernel_right(i, &right, &since); i++)
        printf("  %-22s %s (ABI %d)\n", right, since <= kernel->abi ? "yes" : "no", since);
    print_errata(kernel);
}

int hf_cmd_probe(int argc, char **argv)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct hf_kernel kernel;
    bool json = false;

    for (int letter; (letter = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (letter == 'h') {
            fputs(usage, stdout);
            return HF_STATUS_OK;
        }
        if (letter != 'j') {
            fputs(usage, stderr);
            return HF_STATUS_USAGE;
        }
        json = true;
    }
    if (optind != argc) {
        fputs(usage, stderr);
        return HF_STATUS_USAGE;
    }
    hf_kernel_probe(&kernel, sizeof(kernel));
    if (!json)
        print(&kernel);
    else if (!hf_kernel_write(stdout))
        perror("holdfast");
    return strcmp(kernel.landlock, "available") == 0 ? HF_STATUS_OK : HF_STATUS_INVALID;
}
