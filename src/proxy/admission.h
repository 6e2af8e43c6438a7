/* Which of the policy's networks are open to the program that asks. */
#ifndef HF_PROXY_ADMISSION_H
#define HF_PROXY_ADMISSION_H

#include "proxy/match.h"
#include "who/who.h"

struct hf_admission {
    struct hf_asker asker;
    bool networks[]; /* in the policy's order; what does not cover the target or gives no `binaries` is not asked */
};

/* Of the connection `fd`, whose request is for `target`. NULL where there is no network whose `binaries` matter here,
 * and with errno where there is no memory, for which none is open either. The caller frees it. */
struct hf_admission *hf_admission_new(struct hf_who *who, int fd, const struct hf_policy *policy,
                                      const struct hf_target *target);

/* Who it is, whatever the policy has of programs; none of its networks is open by this. NULL where `who` is, or with errno. */
struct hf_admission *hf_admission_name(struct hf_who *who, int fd, const struct hf_policy *policy);

#endif
