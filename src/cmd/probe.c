/* holdfast probe: the kernel facts that a start on this machine goes by. */
#include <getopt.h>
#include <sys/utsname.h>

#include "cmd/cmd.h"
#include "enforce/identity.h"

static const char usage[] = "usage: holdfast probe [--json]\n"
                            "\n"
                            "exit status: 0 landlock is available; 1 it is not; 2 usage\n";

static void print_rights(int abi)
{
    for (size_t i = 0; i < hf_right_count; i++)
        printf("  %-22s %s (ABI %d)\n", hf_rights[i].name, hf_rights[i].since <= abi ? "yes" : "no", hf_rights[i].since);
}

static int print(const struct hf_facts *facts, bool json)
{
    const struct hf_identity as_caller = {0};
    struct utsname name;

    if (uname(&name) < 0)
        name.release[0] = '\0';
    if (json) {
        json_t *document = json_pack("{s:s, s:i, s:I, s:s, s:b}", "landlock", hf_landlock_state_name(facts->landlock),
                                     "abi", facts->abi, "errata", (json_int_t)facts->errata, "release", name.release,
                                     "privileged", hf_identity_privileged(&as_caller));

        if (document)
            json_dumpf(document, stdout, JSON_INDENT(2));
        json_decref(document);
        puts("");
    } else {
        printf("landlock: %s, ABI %d, errata 0x%x (kernel %s)\n", hf_landlock_state_name(facts->landlock), facts->abi,
               facts->errata, name.release);
        printf("namespaces: %s\n", hf_identity_privileged(&as_caller) ? "as root" : "through a user namespace");
        print_rights(facts->abi);
    }
    return facts->landlock == HF_LANDLOCK_AVAILABLE ? HF_STATUS_OK : HF_STATUS_INVALID;
}

int hf_cmd_probe(int argc, char **argv)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const struct hf_facts facts = hf_facts_probe();
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
    return print(&facts, json);
}
