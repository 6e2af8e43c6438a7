/* How the policy stands in a captured scenario. */
#ifndef HF_REPORT_CAPTURE_POLICY_H
#define HF_REPORT_CAPTURE_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/yaml.h"
#include "report/capture_tree.h"

enum hf_policy_form {
    HF_FORM_TEXT,    /* as the key `policy` */
    HF_FORM_BYTES,   /* not UTF-8: a shell of the launcher's writes them */
    HF_FORM_FILE,    /* it could not be read: the tree has what could not be, or nothing */
    HF_FORM_NOWHERE, /* it cannot be captured */
};

/* Where the latter two have it, below the cell's folder. */
#define HF_POLICY_PLACE "work/captured-policy"

/* Decides it for `text` (NULL where it was not read) of the file of that name (NULL: none), and adds to the tree. */
enum hf_policy_form hf_policy_form(const char *text, size_t length, const char *file, struct hf_capture_tree *tree);

/* UTF-8 without a NUL: what YAML can hold. */
bool hf_is_text(const char *text, size_t length);

/* The launcher's first items, which write the bytes, names replaced. */
void hf_policy_bytes_write(struct hf_yaml *yaml, const struct hf_names *names, const char *bytes, size_t length);

#endif
