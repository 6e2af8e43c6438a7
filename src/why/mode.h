/* What a file's mode lets a process do that has no capability (inode(7), path_resolution(7)). Pure; access lists
 * (acl(5)) are not looked at. */
#ifndef HF_WHY_MODE_H
#define HF_WHY_MODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct hf_owner {
    mode_t mode;
    uid_t uid;
    gid_t gid;
};

#define HF_GROUPS_MOST 64 /* more are not looked at */

struct hf_credentials {
    uid_t uid;
    gid_t gid;
    gid_t groups[HF_GROUPS_MOST];
    size_t group_count;
};

/* `want`: R_OK, W_OK and X_OK. */
bool hf_mode_allows(const struct hf_owner *owner, const struct hf_credentials *who, int want);

/* What of a mode an access by these Landlock rights asks for; of a directory in which something is made or removed too.
 */
int hf_mode_wanted(uint64_t access);

#endif
