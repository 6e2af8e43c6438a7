/* Where the cgroup v2 hierarchy is, and the calling process in it: readers of /proc/self/cgroup and /proc/self/mountinfo. */
#ifndef HF_ENFORCE_CGROUP_FIND_H
#define HF_ENFORCE_CGROUP_FIND_H

#include <limits.h>
#include <stdbool.h>

/* The path of the v2 cgroup in the text of /proc/self/cgroup (cgroups(7)), from the root of the hierarchy as the process sees
 * it. False where it is in none, or in one that is gone. */
bool hf_cgroup_own(const char *text, char path[PATH_MAX]);

struct hf_cgroup_mount {
    char root[PATH_MAX];  /* the part of the hierarchy that is mounted */
    char point[PATH_MAX]; /* where */
};

/* The next mount of a v2 hierarchy in the text of /proc/self/mountinfo (proc(5)) from `at` on: where to go on from, or NULL
 * where there is none. */
const char *hf_cgroup_next_mount(const char *at, struct hf_cgroup_mount *mount);

/* Where a cgroup is found below a mount. False where it lies outside of what is mounted, or the path is too long. */
bool hf_cgroup_path(const struct hf_cgroup_mount *mount, const char *cgroup, char path[PATH_MAX]);

#endif
