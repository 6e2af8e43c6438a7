/* holdfast why: run, with an observer who tells afterwards what the sandbox denied. */
#include "cmd/cmd.h"
#include "cmd/kind.h"

static const char usage[] =
    "usage: holdfast why [--policy FILE | --policy-pb FILE] [--mode block|proxy] [--workdir DIR]\n"
    "                    [--report FILE] [--log FILE] [--log-format plain|ocsf]\n"
    "                    [--capture FILE] [--capture-with LIST] [--timeout SECONDS] -- COMMAND ARG...\n"
    "\n"
    "Runs the command as `holdfast run` does, options and exit status included, and tells on standard\n"
    "error, when it has ended, each access that the sandbox denied: on what, by which process, the rule\n"
    "that came nearest, and the smallest change of the policy that allows it, as a patch.\n"
    "\n"
    "Told is what the plan denies of the calls that were seen: opening, executing, making, removing,\n"
    "renaming, linking and truncating files, connecting and binding sockets.\n";

int hf_cmd_why(int argc, char **argv)
{
    const struct hf_run_kind why = {.usage = usage, .observe = true};

    return hf_run_as(&why, argc, argv);
}
