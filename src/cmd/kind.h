/* The verbs that run a command as `run` does, with its options. */
#ifndef HF_CMD_KIND_H
#define HF_CMD_KIND_H

#include <stdbool.h>

struct hf_run_kind {
    const char *usage;
    bool observe; /* and tell what was denied */
};

int hf_run_as(const struct hf_run_kind *kind, int argc, char **argv);

#endif
