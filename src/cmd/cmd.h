/* The verbs of the command line. Each takes its own argv (argv[0] is the verb) and returns the exit status. */
#ifndef HF_CMD_CMD_H
#define HF_CMD_CMD_H

#include <getopt.h>

#include "holdfast.h"

/* Exit statuses that are holdfast's own; the rest of `run` is the command's. */
enum {
    HF_STATUS_OK = 0,
    HF_STATUS_INVALID = 1,  /* check: a file is not valid; plan: the start would be refused; update: nothing has changed;
                             * top: there is no such run */
    HF_STATUS_USAGE = 2,    /* check, plan, probe, update, top: the command line is wrong */
    HF_STATUS_REFUSED = 125 /* run: the sandbox was not set up, the command line included */
};

int hf_cmd_run(int argc, char **argv);
int hf_cmd_why(int argc, char **argv);
int hf_cmd_learn(int argc, char **argv);
int hf_cmd_plan(int argc, char **argv);
int hf_cmd_check(int argc, char **argv);
int hf_cmd_convert(int argc, char **argv);
int hf_cmd_update(int argc, char **argv);
int hf_cmd_top(int argc, char **argv);
int hf_cmd_probe(int argc, char **argv);

/* Reads the value of --capture-with; false having said what is wrong with it. A part twice is wrong. */
bool hf_capture_with(const char *list, unsigned *parts);

/* Says of an option that getopt_long(3) has just refused what is wrong with it. For that `opterr` is 0 and the string of
 * short options begins with ':'. */
void hf_option_refuse(char *const *argv, int letter, const struct option *known);

/* What `run` and `plan` have in common on the command line. */
struct hf_source {
    const char *policy_file; /* NULL: none is named, and it is the one of this machine or the empty one */
    enum hf_format format;
    const char *workdir;     /* as given, or NULL for the current directory */
    const char *mode;        /* as given, or NULL for the policy's */
};

/* Takes option `letter` ('p' policy, 'b' policy-pb, 'm' mode, 'w' workdir) with its argument; false where the argument is
 * wrong, having said so. */
bool hf_source_option(struct hf_source *source, int letter, const char *argument);

/* The policy and its sandbox, with the options that are the verb's own. False where there is no memory, having said so. The
 * caller frees both. */
bool hf_source_open(const struct hf_source *source, const struct hf_options *own, struct hf_policy **policy,
                    struct hf_sandbox **sandbox);

/* A run by its process id; false having said that it is none. */
bool hf_run_named(const char *text, int *run);

/* Of a policy or sandbox that could not be made (errno). */
void hf_no_memory_print(void);

/* Print every fault of a policy, and where something of it stands: FILE:LINE:COLUMN, or FILE:FIELD of a message. */
void hf_faults_print(const struct hf_policy *policy);
void hf_place_print(const struct hf_policy *policy, const struct hf_remark *remark);

/* A format by its name, and by a file's extension: .yaml, .yml or .pb. */
bool hf_format_named(const char *name, enum hf_format *format);
bool hf_format_of(const char *file, enum hf_format *format);

#endif
