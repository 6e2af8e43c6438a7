/* Checks that take more than one value: between the keys of a section, or against the words that are known. */
#ifndef HF_POLICY_CHECK_H
#define HF_POLICY_CHECK_H

#include "policy/node.h"

#define HF_PATHS_MAX 256 /* read_only and read_write together */

/* The sum of both lists, and paths that are in both. `target` is the hf_policy. */
void hf_check_filesystem(struct hf_faults *faults, const struct hf_node *map, const void *target);

/* Either `port` or `ports`, and no range that a host given by a wildcard can never have an address of. */
void hf_check_endpoint(struct hf_faults *faults, const struct hf_node *map, const void *target);

/* The one of `count` words that was probably meant, or NULL when none is near. */
const char *hf_nearest(const char *text, const char *const *words, size_t count);

#endif
