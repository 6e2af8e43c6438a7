/* The files that a captured policy or command names, as a scenario's tree: that they exist, and not what is in them. */
#ifndef HF_REPORT_CAPTURE_TREE_H
#define HF_REPORT_CAPTURE_TREE_H

#include "report/capture.h"
#include "report/neutral.h"
#include "report/yaml.h"

/* The key `tree` and its list; nothing where no such file lies below a path that `names` replaces. */
void hf_capture_tree(struct hf_yaml *yaml, const struct hf_capture *capture, const struct hf_names *names);

#endif
