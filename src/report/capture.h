/* What a run did, written as a scenario of the matrix: one file for somebody with a bug to attach. */
#ifndef HF_REPORT_CAPTURE_H
#define HF_REPORT_CAPTURE_H

#include "report/capture_policy.h"
#include "report/report.h"

struct hf_capture {
    const char *text; /* the policy's, `length` bytes, NULL where it was not read */
    size_t length;
    const struct hf_policy *policy; /* empty where it is not valid */
    const char *mode;               /* as the command line says, or NULL */
    const char *workdir;            /* absolute, or NULL where it cannot be used */
    char *const *command;           /* NULL at the end */
    unsigned timeout;               /* seconds, 0 for none */
    unsigned with;                  /* parts of enum hf_capture_part */
    const char *file;               /* the policy's file, as YAML; or NULL */
    struct hf_facts facts;
    /* Filled by hf_capture_look. */
    struct hf_names names;
    struct hf_capture_tree tree;
    bool elsewhere; /* the working directory is not the one that a cell has */
    enum hf_policy_form form;
    char **environment; /* NULL where it is not asked for */
};

/* Looks at what the command may change: before it runs. Of files there is that they exist, for those that the policy or
 * the command names. */
void hf_capture_look(struct hf_capture *capture);
void hf_capture_free(struct hf_capture *capture);

/* Writes it to `fd`, which was opened for it. Where the homes are is replaced, and so are, unless asked for, the names of
 * the user and of the host. */
bool hf_capture_write(const struct hf_capture *capture, const struct hf_result *result, int fd, struct hf_error *error);

#endif
