/* The controllers of a run's cgroup and the files by which they limit. */
#ifndef HF_ENFORCE_CGROUP_LIMITS_H
#define HF_ENFORCE_CGROUP_LIMITS_H

#include "enforce/cgroup.h"

/* Where the plan's first limit of this kind is from. */
struct hf_origin hf_cgroup_origin(const struct hf_plan *plan);

/* Whether the caller's cgroup, `parent`, has the controllers that the plan needs. */
bool hf_cgroup_check_controllers(const struct hf_plan *plan, const struct hf_cgroup *cgroup, const char *parent,
                                 struct hf_error *error);

/* Switches them on for its children, and notes which in `added`. Where this process is the only one in it, it goes aside into
 * one of its own: a cgroup that gives controllers to its children holds no process, but for the root of all ("no internal
 * processes"). */
bool hf_cgroup_add_controllers(const struct hf_plan *plan, struct hf_cgroup *cgroup, const char *parent,
                               struct hf_error *error);

/* Undoes that where it went aside. In a root they stay on: another run may need them, and would lose its limits in silence. */
void hf_cgroup_drop_controllers(struct hf_cgroup *cgroup);

bool hf_cgroup_set_limits(const struct hf_plan *plan, const struct hf_cgroup *cgroup, struct hf_error *error);
void hf_cgroup_read_hits(const struct hf_cgroup *cgroup, struct hf_hits *hits);

/* A whole file of /proc or of a cgroup as text; NULL with errno. */
char *hf_cgroup_read(int directory, const char *file);

#endif
