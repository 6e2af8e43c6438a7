/* The verbs of the command line. Each takes its own argv (argv[0] is the verb) and returns the exit status. */
#ifndef HF_CMD_CMD_H
#define HF_CMD_CMD_H

#include "plan/plan.h"

/* Exit statuses that are holdfast's own; the rest of `run` is the command's. */
enum {
    HF_STATUS_OK = 0,
    HF_STATUS_INVALID = 1,  /* check: a file is not valid; plan: the start would be refused */
    HF_STATUS_USAGE = 2,    /* check, plan, probe: the command line is wrong */
    HF_STATUS_REFUSED = 125 /* run: the sandbox was not set up, the command line included */
};

int hf_cmd_run(int argc, char **argv);
int hf_cmd_plan(int argc, char **argv);
int hf_cmd_check(int argc, char **argv);
int hf_cmd_probe(int argc, char **argv);

/* What `run` and `plan` have in common on the command line. */
struct hf_source {
    const char *policy_file; /* NULL: no policy, which is the empty one */
    const char *workdir;     /* as given, or NULL for the current directory */
    bool mode_given;
    enum hf_mode mode;
};

/* Takes option `letter` ('p' policy, 'm' mode, 'w' workdir) with its argument; false where the argument is wrong, having
 * said so. */
bool hf_source_option(struct hf_source *source, int letter, const char *argument);

/* Reads the policy, or makes the empty one; false having printed every fault. *text (as it was read, NULL where there was
 * none) and *diagnostics are the caller's to free. */
bool hf_source_policy(const struct hf_source *source, char **text, size_t *length, struct hf_policy *policy,
                      struct hf_diagnostics *diagnostics);

/* The working directory, absolute and without symbolic links. The caller frees *workdir. */
bool hf_source_workdir(const struct hf_source *source, char **workdir, struct hf_error *error);

/* The mode: as the command line says, else as the policy does. */
enum hf_mode hf_source_mode(const struct hf_source *source, const struct hf_policy *policy);

#endif
