/* What a policy is promised, and the means that hold each promise at the Landlock ABI of a plan. Pure. */
#ifndef HF_PLAN_PROMISE_H
#define HF_PLAN_PROMISE_H

#include "plan/plan.h"

enum hf_means {
    HF_MEANS_LANDLOCK = 1 << 0,
    HF_MEANS_NETWORK_NAMESPACE = 1 << 1,
    HF_MEANS_PROXY = 1 << 2,
    HF_MEANS_PROCESS_NAMESPACE = 1 << 3, /* with a /proc of its own */
    HF_MEANS_SECCOMP = 1 << 4,
    HF_MEANS_NO_NEW_PRIVS = 1 << 5,
    HF_MEANS_CAPABILITIES = 1 << 6, /* there are none */
    HF_MEANS_DESCRIPTORS = 1 << 7,  /* all but 0, 1 and 2 are closed */
    HF_MEANS_NOT_DUMPABLE = 1 << 8, /* the runtime's own processes (prctl(2), PR_SET_DUMPABLE) */
    HF_MEANS_RESOURCE_LIMITS = 1 << 9,
    HF_MEANS_CGROUP = 1 << 10, /* one of the run's own, which is read-only inside */
    HF_MEANS_IPC_NAMESPACE = 1 << 11,
};

struct hf_promise {
    const char *name;
    const char *text;
    unsigned always; /* the means that hold it on every kernel, */
    unsigned block;  /* those that do in block mode, */
    unsigned proxy;  /* and in proxy mode */
    int landlock;    /* the ABI from which Landlock holds it too; 0: never */
    bool both_modes; /* Landlock does so in proxy mode as well */
    const char *right; /* the right without which the promise is not kept, or not all of it; NULL: the others suffice */
};

extern const struct hf_promise hf_promises[];
extern const size_t hf_promise_count;

/* The means, an `or` of enum hf_means, that hold it under this plan. */
unsigned hf_promise_means(const struct hf_promise *promise, const struct hf_plan *plan);

/* The right that is lost on this kernel and with it the promise or a part of it, else NULL. It is among the plan's
 * limits, which say the consequence ("landlock" where there is none). NULL without any means: the policy asks for nothing
 * of it. */
const char *hf_promise_lost(const struct hf_promise *promise, const struct hf_plan *plan);

/* A list of {promise, means, lost}; the caller owns the reference. */
json_t *hf_promises_json(const struct hf_plan *plan);

/* A line for each. */
void hf_promises_print(const struct hf_plan *plan, FILE *stream);

#endif
