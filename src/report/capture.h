/* What a run did, written as a scenario of the matrix: one file for somebody with a bug to attach. */
#ifndef HF_REPORT_CAPTURE_H
#define HF_REPORT_CAPTURE_H

#include "report/capture_tree.h"
#include "report/report.h"

struct hf_capture {
    const char *text; /* the policy's, `length` bytes, NULL where it was not read */
    size_t length;
    const struct hf_policy *policy; /* empty where it is not valid */
    const char *mode;               /* as the command line says, or NULL */
    const char *workdir;            /* absolute, or NULL where it cannot be used */
    char *const *command;           /* NULL at the end */
    unsigned timeout;               /* seconds, 0 for none */
    struct hf_facts facts;
    /* Filled by hf_capture_look. */
    struct hf_names names;
    struct hf_capture_tree tree;
    bool elsewhere; /* the working directory is not the one that a cell has */
};

/* Looks at what the command may change: before it runs. Of files there is that they exist, for those that the policy or
 * the command names. */
void hf_capture_look(struct hf_capture *capture);
void hf_capture_free(struct hf_capture *capture);

/* Writes it to `fd`, which was opened for it. The names of the user and of the host, and where the homes are, are
 * replaced; of the environment there is nothing. */
bool hf_capture_write(const struct hf_capture *capture, const struct hf_result *result, int fd, struct hf_error *error);

#endif
