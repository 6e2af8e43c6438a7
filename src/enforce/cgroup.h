/* The limits of a run as a whole (resources of the policy): a cgroup of its own below the caller's, with the command and
 * whatever it starts in it, and nothing else. The supervisor, the init and the proxy stay outside, so that no bomb inside takes
 * memory, processes or time from them. */
#ifndef HF_ENFORCE_CGROUP_H
#define HF_ENFORCE_CGROUP_H

#include <stdint.h>

#include "plan/plan.h"

struct hf_cgroup {
    int parent;      /* the caller's cgroup; -1: the policy asks for none */
    int own;         /* the run's; locked as long as the run lasts */
    char name[32];   /* of the run's, in the parent */
    char aside[40];  /* of the one that this process went to, in the parent; "": it stayed */
    char added[64];  /* the controllers that were switched on in the parent: "+memory +pids" */
    char path[PATH_MAX]; /* of the run's */
};

/* How often the limits were what stopped the command. */
struct hf_hits {
    uint64_t memory; /* processes killed for it */
    uint64_t pids;   /* forks refused */
    uint64_t cpu;    /* periods of 100 ms in which it had to wait */
};

/* As the caller: makes the run's cgroup and sets the plan's limits, where there are any. False with nothing left behind where
 * one of them cannot be had. */
bool hf_cgroup_make(const struct hf_plan *plan, struct hf_cgroup *cgroup, struct hf_error *error);

/* In the sandbox's mounts, before its privileges are dropped: opens what hf_cgroup_join takes (-1 where there is no cgroup), and
 * makes every cgroup there read-only, since a command that owns its own could lift its limits or leave it where no Landlock
 * holds it off. */
bool hf_cgroup_enter(const struct hf_cgroup *cgroup, int *door, struct hf_error *error);

/* The calling process goes in. */
bool hf_cgroup_join(int door, struct hf_error *error);

/* Once no process of the run is left: what the limits did, and the cgroup is gone. */
void hf_cgroup_end(struct hf_cgroup *cgroup, struct hf_hits *hits);

#endif
