/* The files that a captured policy or command names, as a scenario's tree. */
#ifndef HF_REPORT_CAPTURE_TREE_H
#define HF_REPORT_CAPTURE_TREE_H

#include <sys/types.h>

#include "policy/policy.h"
#include "report/neutral.h"
#include "base/yaml.h"

#define HF_TREE_MOST 256

/* One of a tree's files: `at` below the cell's folder. */
struct hf_tree_file {
    char *at;
    char *target;  /* of a symbolic link, else NULL */
    char *content; /* of a text file, where it is asked for; else NULL */
    mode_t mode;
};

struct hf_capture_tree {
    struct hf_tree_file *files;
    size_t count;
};

/* Looks at them, below paths that `names` replaces; `workdir` is absolute. What cannot be looked at is left out. With
 * `contents` what is in small text files is kept, and a script that is the command is one of them. */
void hf_capture_tree_look(struct hf_capture_tree *tree, const struct hf_names *names, const struct hf_policy *policy,
                          const char *workdir, char *const *command, bool contents);

/* One more, empty; `at` below the cell's folder. False without room or memory. */
bool hf_capture_tree_add(struct hf_capture_tree *tree, const char *at, mode_t mode);
void hf_capture_tree_free(struct hf_capture_tree *tree);

/* The key `tree` and its list; nothing where there is none. */
void hf_capture_tree_write(struct hf_yaml *yaml, const struct hf_capture_tree *tree);

#endif
