/* The sandbox's own namespaces: network, processes and mounts, and where there is no privilege a user namespace around
 * them. */
#ifndef HF_ENFORCE_NAMESPACES_H
#define HF_ENFORCE_NAMESPACES_H

#include <sys/types.h>

#include "base/error.h"

/* Who asks for the namespaces: inside of a user namespace its ids cannot be asked for until they are mapped. */
struct hf_namespaces {
    bool privileged; /* no user namespace is needed */
    uid_t uid;
    gid_t gid;
};

/* What the calling process is, to be taken along into the namespaces. */
struct hf_namespaces hf_namespaces_of_caller(bool privileged);

/* Forks a child that is the first process of new namespaces: its pid in the parent, 0 in the child, -1 on failure with
 * errno in *error. */
pid_t hf_namespaces_fork(const struct hf_namespaces *namespaces, struct hf_error *error);

/* In that child: makes its user and group what they were, keeps its mounts to itself, and puts a /proc there that shows
 * the sandbox's processes and no other. */
bool hf_namespaces_enter(const struct hf_namespaces *namespaces, struct hf_error *error);

#endif
