/* Users and groups by name or number, in memory of one's own: that of getpwnam(3) and its like belongs to every thread of a
 * caller. */
#ifndef HF_BASE_ACCOUNT_H
#define HF_BASE_ACCOUNT_H

#include <grp.h>
#include <pwd.h>

/* All zero at first; the entries point into `text`, and are good until the next question or the end of the scope. */
struct hf_account {
    struct passwd user;
    struct group group;
    char *text;
};

/* NULL where there is none, or memory is out. */
const struct passwd *hf_account_user(struct hf_account *account, const char *name);
const struct passwd *hf_account_uid(struct hf_account *account, uid_t uid);
const struct group *hf_account_group(struct hf_account *account, const char *name);

void hf_account_free(struct hf_account *account);

#define hf_autoaccount __attribute__((cleanup(hf_account_free))) struct hf_account

#endif
