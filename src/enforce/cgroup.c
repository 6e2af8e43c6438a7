/* A run's cgroup: made, entered, removed (cgroups(7); Documentation/admin-guide/cgroup-v2.rst).
 *
 * Who removes it: the supervisor, when the run has ended. Killed with SIGKILL it cannot, and the init neither, which dies with it
 * and need not have the right; then it stays, empty, and the next run below the same cgroup sweeps it: whose lock can be had
 * has no supervisor any more. (systemd removes a delegated scope with all that is in it.) */
#include "enforce/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "enforce/cgroup_find.h"
#include "enforce/cgroup_limits.h"

#define PREFIX "holdfast-"
#define REMOVE_TRIES 1000 /* a millisecond each */

static bool unavailable(int errnum, struct hf_error *error, const char *what, const char *path)
{
    return hf_fail(error, HF_CGROUP_UNAVAILABLE, HF_STAGE_LIMITS, errnum, "%s%s", what, path);
}

/* Where it is covered by another mount, or cannot be gone to, it is none. */
static bool is_cgroup2(const char *path)
{
    struct statfs filesystem;

    return statfs(path, &filesystem) == 0 && filesystem.f_type == CGROUP2_SUPER_MAGIC;
}

/* The caller's own cgroup as a path. */
static bool find(char path[PATH_MAX], struct hf_error *error)
{
    hf_autofree char *own = hf_cgroup_read(AT_FDCWD, "/proc/self/cgroup");
    hf_autofree char *mounts = hf_cgroup_read(AT_FDCWD, "/proc/self/mountinfo");
    char cgroup[PATH_MAX];
    struct hf_cgroup_mount mount;

    if (!own || !mounts)
        return unavailable(errno, error, "/proc/self/cgroup and mountinfo", "");
    if (!hf_cgroup_own(own, cgroup))
        return unavailable(0, error, "this process is in no cgroup of a v2 hierarchy", "");
    for (const char *at = mounts; (at = hf_cgroup_next_mount(at, &mount));)
        if (hf_cgroup_path(&mount, cgroup, path) && is_cgroup2(path))
            return true;
    return unavailable(0, error, "no mounted v2 hierarchy shows the caller's cgroup ", cgroup);
}

/* What supervisors that were killed have left: empty, and locked by nobody. */
static void sweep(int parent)
{
    const int copy = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        hf_autoclose int left = strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) == 0
                                    ? openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                                    : -1;

        if (left >= 0 && flock(left, LOCK_EX | LOCK_NB) == 0)
            (void)unlinkat(parent, entry->d_name, AT_REMOVEDIR);
    }
    if (directory)
        closedir(directory);
    else if (copy >= 0)
        close(copy);
}

/* Another run may sweep it away before it is locked; then there is no file in it any more. */
static bool make_own(struct hf_cgroup *cgroup, const char *parent, struct hf_error *error)
{
    for (int tries = 0; tries < 100; tries++) {
        unsigned number;

        if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
            break;
        snprintf(cgroup->name, sizeof(cgroup->name), PREFIX "%08x", number);
        if ((size_t)snprintf(cgroup->path, sizeof(cgroup->path), "%s/%s", parent, cgroup->name) >= sizeof(cgroup->path))
            return unavailable(ENAMETOOLONG, error, parent, "");
        if (mkdirat(cgroup->parent, cgroup->name, 0755) < 0) {
            if (errno == EEXIST)
                continue;
            return unavailable(errno, error, "making ", cgroup->path);
        }
        cgroup->own = openat(cgroup->parent, cgroup->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (cgroup->own >= 0 && flock(cgroup->own, LOCK_EX | LOCK_NB) == 0 &&
            faccessat(cgroup->own, "cgroup.procs", F_OK, 0) == 0)
            return true;
        if (cgroup->own >= 0)
            close(cgroup->own);
        cgroup->own = -1;
    }
    return unavailable(errno, error, "making a cgroup below ", parent);
}

/* Not inlined, for a start that wants none: a frame's pages are touched one by one (gcc's -fstack-clash-protection), and each
 * is a fault. */
__attribute__((noinline)) static bool make(const struct hf_plan *plan, struct hf_cgroup *cgroup, struct hf_error *error)
{
    char parent[PATH_MAX];

    *cgroup = (struct hf_cgroup){.parent = -1, .own = -1};
    if (!find(parent, error)) {
        error->origin = hf_cgroup_origin(plan);
        return false;
    }
    cgroup->parent = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgroup->parent < 0) {
        unavailable(errno, error, parent, "");
    } else {
        sweep(cgroup->parent);
        if (hf_cgroup_check_controllers(plan, cgroup, parent, error) && make_own(cgroup, parent, error) &&
            hf_cgroup_add_controllers(plan, cgroup, parent, error) && hf_cgroup_set_limits(plan, cgroup, error))
            return true;
    }
    if (!error->origin.line)
        error->origin = hf_cgroup_origin(plan);
    hf_cgroup_end(cgroup, NULL);
    return false;
}

bool hf_cgroup_make(const struct hf_plan *plan, struct hf_cgroup *cgroup, struct hf_error *error)
{
    cgroup->parent = cgroup->own = -1; /* and nothing else of it is read */
    return !hf_plan_wants_cgroup(plan) || make(plan, cgroup, error);
}

/* By a mount on top of it, since the one that is there has a writer, the door. Flags must be given again as they are, or a user
 * namespace refuses to drop them (mount(2), MS_BIND | MS_REMOUNT; mount_namespaces(7)). */
static bool seal(const char *point, struct hf_error *error)
{
    struct statvfs now;
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;

    if (statvfs(point, &now) < 0)
        return hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, errno, "%s", point);
    flags |= (now.f_flag & ST_NOSUID ? MS_NOSUID : 0) | (now.f_flag & ST_NODEV ? MS_NODEV : 0) |
             (now.f_flag & ST_NOEXEC ? MS_NOEXEC : 0);
    /* In a chroot whose / is no mount point this one is the outside's peer still, which would get the new one. */
    return (mount(NULL, point, NULL, MS_SLAVE, NULL) == 0 && mount(point, point, NULL, MS_BIND | MS_REC, NULL) == 0 &&
            mount(NULL, point, NULL, flags, NULL) == 0) ||
           hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, errno, "making %s read-only", point);
}

/* Not inlined, as make is not. */
__attribute__((noinline)) static bool enter(const struct hf_cgroup *cgroup, int *door, struct hf_error *error)
{
    hf_autofree char *mounts = NULL;
    struct hf_cgroup_mount mount;
    char path[PATH_MAX + 16];

    snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup->path);
    *door = open(path, O_WRONLY | O_CLOEXEC);
    if (*door < 0)
        return hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, errno, "%s", path);
    mounts = hf_cgroup_read(AT_FDCWD, "/proc/self/mountinfo");
    if (!mounts)
        return hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, errno, "/proc/self/mountinfo");
    for (const char *at = mounts; (at = hf_cgroup_next_mount(at, &mount));)
        if (is_cgroup2(mount.point) && !seal(mount.point, error))
            return false;
    /* It is on the mount below, where all can be written. */
    return !is_cgroup2(".") ||
           hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, 0, "the working directory is a cgroup's");
}

bool hf_cgroup_enter(const struct hf_cgroup *cgroup, int *door, struct hf_error *error)
{
    *door = -1;
    return cgroup->own < 0 || enter(cgroup, door, error);
}

bool hf_cgroup_join(int door, struct hf_error *error)
{
    return door < 0 || write(door, "0", 1) == 1 ||
           hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, errno, "entering the run's cgroup");
}

/* A process that has been waited for may be in it for a moment longer (from 6.19 on). */
static void remove_own(const struct hf_cgroup *cgroup)
{
    const struct timespec pause = {.tv_nsec = 1000 * 1000};

    for (int tries = 0; tries < REMOVE_TRIES; tries++) {
        if (unlinkat(cgroup->parent, cgroup->name, AT_REMOVEDIR) == 0 || errno != EBUSY)
            return;
        nanosleep(&pause, NULL);
    }
}

void hf_cgroup_end(struct hf_cgroup *cgroup, struct hf_hits *hits)
{
    if (cgroup->own >= 0) {
        if (hits)
            hf_cgroup_read_hits(cgroup, hits);
        remove_own(cgroup);
        close(cgroup->own);
    }
    if (cgroup->parent >= 0) {
        hf_cgroup_drop_controllers(cgroup);
        close(cgroup->parent);
    }
    cgroup->parent = cgroup->own = -1;
}
