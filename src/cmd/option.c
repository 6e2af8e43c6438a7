/* What is said of an option that is none. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

static bool is_known(const char *name, const struct option *known)
{
    for (; known->name; known++)
        if (strncmp(name, known->name, strlen(known->name)) == 0 && name[strlen(known->name)] == '=')
            return true;
    return false;
}

void hf_option_refuse(char *const *argv, int letter, const struct option *known)
{
    const char *given = argv[optind - 1];
    const bool word = strncmp(given, "--", 2) == 0;

    if (letter == ':') {
        fprintf(stderr, "holdfast: %s needs a value: write it after it\n", given);
    } else if (word && is_known(given + 2, known)) {
        fprintf(stderr, "holdfast: %s: this option takes no value, leave out what stands from = on\n", given);
    } else {
        if (word)
            fprintf(stderr, "holdfast: unknown option '%s': there are", given);
        else
            fprintf(stderr, "holdfast: unknown option '-%c': there are", optopt);
        for (; known->name; known++)
            fprintf(stderr, " --%s%s", known->name, known[1].name ? "," : "\n");
    }
}
