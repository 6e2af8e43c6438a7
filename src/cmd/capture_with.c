/* What a capture is to have that it leaves out otherwise: --capture-with names,environment,contents. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

bool hf_capture_with(const char *list, unsigned *parts)
{
    static const struct {
        const char *name;
        enum hf_capture_part part;
    } known[] = {{"names", HF_CAPTURE_NAMES},
                 {"environment", HF_CAPTURE_ENVIRONMENT},
                 {"contents", HF_CAPTURE_CONTENTS}};

    for (const char *at = list;; at++) {
        const size_t length = strcspn(at, ",");
        const unsigned before = *parts;

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            if (length == strlen(known[i].name) && strncmp(at, known[i].name, length) == 0)
                *parts |= known[i].part;
        if (*parts == before) {
            fprintf(stderr, "holdfast: --capture-with is of names, environment, contents, each once, with commas "
                            "between, not '%s'\n", list);
            return false;
        }
        at += length;
        if (!*at)
            return true;
    }
}
