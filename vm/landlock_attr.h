/* What Linux 7.3's include/uapi/linux/landlock.h has beyond src/kernel/landlock_abi.h, which holds what the runtime
 * uses: the whole attribute, and the flags of landlock_add_rule(2) and landlock_restrict_self(2). */
#ifndef HF_VM_LANDLOCK_ATTR_H
#define HF_VM_LANDLOCK_ATTR_H

#include "kernel/landlock_abi.h"

/* The fields in the order in which they came: 8 bytes from ABI 1, 16 from 4, 24 from 6, 48 from 10. */
struct landlock_full_attr {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
    uint64_t quiet_access_fs;
    uint64_t quiet_access_net;
    uint64_t quiet_scoped;
};

#define LL_ADD_RULE_QUIET (1U << 0)

#define LL_RESTRICT_LOG_SAME_EXEC_OFF (1U << 0)
#define LL_RESTRICT_LOG_NEW_EXEC_ON (1U << 1)
#define LL_RESTRICT_LOG_SUBDOMAINS_OFF (1U << 2)
#define LL_RESTRICT_TSYNC (1U << 3)
#define LL_RESTRICT_NO_NEW_PRIVS (1U << 4)

#endif
