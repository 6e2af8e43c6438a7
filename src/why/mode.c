#include "why/mode.h"

#include <unistd.h>

#include "kernel/landlock_abi.h"

static bool is_member(const struct hf_credentials *who, gid_t gid)
{
    for (size_t i = 0; i < who->group_count; i++)
        if (who->groups[i] == gid)
            return true;
    return who->gid == gid;
}

bool hf_mode_allows(const struct hf_owner *owner, const struct hf_credentials *who, int want)
{
    const int shift = owner->uid == who->uid ? 6 : is_member(who, owner->gid) ? 3 : 0;

    /* The bits of a mode are those of access(2). */
    return ((int)(owner->mode >> shift) & want) == want;
}

int hf_mode_wanted(uint64_t access)
{
    const uint64_t reads = HF_FS_READ_FILE | HF_FS_READ_DIR,
                   writes = HF_FS_WRITE_FILE | HF_FS_TRUNCATE | HF_FS_RESOLVE_UNIX;
    const uint64_t itself = reads | writes | HF_FS_EXECUTE | HF_FS_IOCTL_DEV;

    if (access & ~itself)
        return W_OK | X_OK;
    return (access & reads && !(access & HF_FS_EXECUTE) ? R_OK : 0) | (access & writes ? W_OK : 0) |
           (access & HF_FS_EXECUTE ? X_OK : 0);
}
