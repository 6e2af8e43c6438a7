/* The Landlock rights: which ABI brought each, what it is called, and what is lost without it. Pure data. */
#ifndef HF_PLAN_RIGHTS_H
#define HF_PLAN_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/landlock_abi.h"

enum hf_right_class { HF_RIGHT_FS, HF_RIGHT_NET, HF_RIGHT_SCOPE };

struct hf_right {
    const char *name;
    enum hf_right_class class;
    uint64_t bit;
    int since; /* the first ABI that has it */
    bool file; /* it may be granted on something that is no directory; meaningless for net and scope */
    /* What stays possible on a kernel without it, or NULL where something else prevents it (the namespaces). */
    const char *consequence;
};

extern const struct hf_right hf_rights[];
extern const size_t hf_right_count;

/* The newest ABI this table knows. A newer kernel is used by what is known. */
#define HF_ABI_NEWEST 11

/* All rights of a class that an ABI has. */
uint64_t hf_rights_of(enum hf_right_class class, int abi);

/* The rights that may be granted on a file that is no directory; the kernel refuses others there with EINVAL
 * (landlock_add_rule(2)). */
uint64_t hf_rights_for_file(void);

#define HF_ACCESS_READ_ONLY (HF_FS_EXECUTE | HF_FS_READ_FILE | HF_FS_READ_DIR)

#endif
