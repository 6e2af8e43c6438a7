/* Looking a path up as another process sees it: by its working directory, its descriptors, its root and its /proc. */
#ifndef HF_WHY_WALK_H
#define HF_WHY_WALK_H

#include <limits.h>

#include "why/judge.h"

#define HF_WALK_DEPTH 128

struct hf_walk {
    bool known;   /* false: it leads to no file (a pipe), or could not be followed; nothing below counts */
    bool exists;  /* what the path names is there */
    bool parent;  /* the directory that it would stand in is there */
    mode_t mode;  /* of what is there */
    int fd;       /* O_PATH of what is there, or -1; the caller closes it */
    bool proc;    /* in /proc */
    char path[PATH_MAX]; /* absolute, without symbolic links */
    struct hf_step steps[HF_WALK_DEPTH];
    size_t step_count; /* from / to what is there; where it is not, to the last directory that is */
};

/* Looks `path` up for the process (or thread) `pid`, its number in this process's namespace. The last component is
 * followed where it is a symbolic link and `follow` says so. */
void hf_walk(pid_t pid, int dirfd, const char *path, bool follow, struct hf_walk *walk);

#endif
