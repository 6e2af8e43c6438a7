/* Making the namespaces by one clone(2), and finishing them from inside (user_namespaces(7), pid_namespaces(7),
 * mount_namespaces(7)). */
#include "enforce/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

static bool write_file(const char *path, const char *text, struct hf_error *error)
{
    hf_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);
    const size_t length = strlen(text);

    if (fd < 0 || write(fd, text, length) != (ssize_t)length)
        return hf_fail(error, HF_NAMESPACE_UNAVAILABLE, HF_STAGE_NAMESPACE, errno, "%s", path);
    return true;
}

/* user_namespaces(7): an unprivileged process may map its own ids alone, and its groups only after setgroups is denied. */
static bool map_ids(const struct hf_namespaces *namespaces, struct hf_error *error)
{
    char uid_map[64], gid_map[64];

    snprintf(uid_map, sizeof(uid_map), "%u %u 1\n", namespaces->uid, namespaces->uid);
    snprintf(gid_map, sizeof(gid_map), "%u %u 1\n", namespaces->gid, namespaces->gid);
    return write_file("/proc/self/setgroups", "deny", error) && write_file("/proc/self/uid_map", uid_map, error) &&
           write_file("/proc/self/gid_map", gid_map, error);
}

struct hf_namespaces hf_namespaces_of_caller(bool privileged)
{
    return (struct hf_namespaces){.privileged = privileged, .uid = geteuid(), .gid = getegid()};
}

/* The raw call, for which glibc has no wrapper without a new stack: with a stack of NULL it is a fork (clone(2)). */
pid_t hf_namespaces_fork(const struct hf_namespaces *namespaces, struct hf_error *error)
{
    const unsigned long own = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC;
    const unsigned long flags = namespaces->privileged ? own : own | CLONE_NEWUSER;
    const pid_t child = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0UL);

    if (child < 0)
        hf_fail(error, HF_NAMESPACE_UNAVAILABLE, HF_STAGE_NAMESPACE, errno, "clone(%sCLONE_NEWNET | CLONE_NEWPID | "
                "CLONE_NEWNS | CLONE_NEWIPC)", namespaces->privileged ? "" : "CLONE_NEWUSER | ");
    return child;
}

/* Slave, not private: what is mounted or unmounted outside goes on being seen. A chroot's / may be no mount point, and
 * then /proc alone is turned; whoever mounts elsewhere turns that. */
static bool own_proc(struct hf_error *error)
{
    if (mount("none", "/", "none", MS_REC | MS_SLAVE, NULL) < 0 &&
        mount("none", "/proc", "none", MS_REC | MS_SLAVE, NULL) < 0)
        return hf_fail(error, HF_NAMESPACE_UNAVAILABLE, HF_STAGE_NAMESPACE, errno, "making the mounts the sandbox's own");
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) < 0)
        return hf_fail(error, HF_PROC_UNMOUNTABLE, HF_STAGE_NAMESPACE, errno, "/proc");
    return true;
}

bool hf_namespaces_enter(const struct hf_namespaces *namespaces, struct hf_error *error)
{
    return (namespaces->privileged || map_ids(namespaces, error)) && own_proc(error);
}
