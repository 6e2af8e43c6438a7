/* Path resolution by hand, a component at a time (path_resolution(7)): what the kernel would do for another process
 * cannot be asked for, since /proc/self and the links below /proc/PID answer whoever asks. */
#include "why/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "why/remote.h"

#define LINKS_MAX 40 /* path_resolution(7) */
#define PROC_ROOT 1  /* the inode of a procfs's root (fs/proc/root.c) */

struct walker {
    pid_t pid;
    struct hf_walk *walk;
    char rest[2 * PATH_MAX]; /* what is still to be looked up */
    int links;
    int fd; /* where it stands */
};

static bool is_proc_root(int fd)
{
    struct stat status;
    struct statfs filesystem;

    return fstat(fd, &status) == 0 && status.st_ino == PROC_ROOT && fstatfs(fd, &filesystem) == 0 &&
           filesystem.f_type == PROC_SUPER_MAGIC;
}

/* Puts `target` before what is still to be looked up. */
static bool prepend(struct walker *self, const char *target)
{
    char whole[2 * PATH_MAX];

    if ((size_t)snprintf(whole, sizeof(whole), "%s/%s", target, self->rest) >= sizeof(whole))
        return false;
    memcpy(self->rest, whole, sizeof(whole));
    return true;
}

static bool note_step(struct hf_walk *walk, int fd, mode_t *mode)
{
    struct stat status;

    if (walk->step_count == HF_WALK_DEPTH || fstat(fd, &status) < 0)
        return false;
    walk->steps[walk->step_count++] = (struct hf_step){
        status.st_dev, status.st_ino, {status.st_mode, status.st_uid, status.st_gid}};
    *mode = status.st_mode;
    return true;
}

static bool stand_at(struct walker *self, int fd)
{
    if (self->fd >= 0)
        close(self->fd);
    self->fd = fd;
    return fd >= 0;
}

static bool to_root(struct walker *self)
{
    char file[64];

    snprintf(file, sizeof(file), "/proc/%d/root", self->pid);
    self->walk->path[0] = '\0';
    self->walk->step_count = 0;
    return stand_at(self, open(file, O_PATH | O_DIRECTORY | O_CLOEXEC)) &&
           note_step(self->walk, self->fd, &self->walk->mode);
}

static bool to_parent(struct walker *self)
{
    struct hf_walk *walk = self->walk;
    char *slash = strrchr(walk->path, '/');

    if (walk->step_count == 1)
        return true; /* above / is / */
    walk->step_count--;
    if (slash)
        *slash = '\0';
    walk->mode = S_IFDIR;
    return stand_at(self, openat(self->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static bool append(struct hf_walk *walk, const char *name)
{
    const size_t used = strlen(walk->path);

    return (size_t)snprintf(walk->path + used, sizeof(walk->path) - used, "/%s", name) < sizeof(walk->path) - used;
}

/* A link of procfs to what has no path says "pipe:[1]" and the like. */
static bool follow_link(struct walker *self, int fd)
{
    char target[PATH_MAX];
    const ssize_t length = readlinkat(fd, "", target, sizeof(target) - 1);
    struct statfs filesystem;

    if (length <= 0 || ++self->links > LINKS_MAX)
        return false;
    target[length] = '\0';
    if (target[0] != '/' && strchr(target, ':') && fstatfs(fd, &filesystem) == 0 &&
        filesystem.f_type == PROC_SUPER_MAGIC)
        return false;
    return prepend(self, target) && (target[0] != '/' || to_root(self));
}

/* The next component is cut off `rest`; false where there is none. */
static bool next_name(struct walker *self, char name[NAME_MAX + 1], bool *is_last)
{
    char *at = self->rest + strspn(self->rest, "/");
    const size_t length = strcspn(at, "/");

    if (length == 0 || length > NAME_MAX)
        return false;
    memcpy(name, at, length);
    name[length] = '\0';
    *is_last = at[length + strspn(at + length, "/")] == '\0';
    memmove(self->rest, at + length, strlen(at + length) + 1);
    return true;
}

static void own_number(const struct walker *self, char name[NAME_MAX + 1])
{
    const bool is_thread = strcmp(name, "thread-self") == 0;
    struct hf_ids ids;

    if ((!is_thread && strcmp(name, "self") != 0) || !is_proc_root(self->fd) || !hf_remote_ids(self->pid, &ids))
        return;
    if (is_thread)
        snprintf(name, NAME_MAX + 1, "%d/task/%d", ids.number, ids.thread);
    else
        snprintf(name, NAME_MAX + 1, "%d", ids.number);
}

/* One component further. False where the walk is over: what it found so far is in *walk. */
static bool advance(struct walker *self, const char *name, bool is_last, bool follow)
{
    struct hf_walk *walk = self->walk;
    hf_autoclose int fd = openat(self->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0) {
        walk->known = errno == ENOENT && append(walk, name);
        walk->parent = walk->known && is_last;
        return false;
    }
    if (S_ISLNK(status.st_mode) && (!is_last || follow)) {
        walk->known = follow_link(self, fd);
        return walk->known;
    }
    walk->known = append(walk, name) && note_step(walk, fd, &walk->mode) && stand_at(self, hf_steal(fd, -1));
    walk->parent = walk->exists = walk->known && is_last;
    return walk->known && !is_last;
}

static bool begin(struct walker *self, int dirfd, const char *path)
{
    char link[64], base[PATH_MAX] = "";
    ssize_t length;

    if ((size_t)snprintf(self->rest, sizeof(self->rest), "%s", path) >= PATH_MAX)
        return false;
    if (path[0] != '/') {
        if (dirfd == AT_FDCWD)
            snprintf(link, sizeof(link), "/proc/%d/cwd", self->pid);
        else
            snprintf(link, sizeof(link), "/proc/%d/fd/%d", self->pid, dirfd);
        length = readlink(link, base, sizeof(base) - 1);
        if (length <= 0 || base[0] != '/' || !prepend(self, base))
            return false;
    }
    return to_root(self);
}

/* A path that ends at a directory it came to by "/", "." or "..". */
static void end_at_directory(struct hf_walk *walk)
{
    walk->known = walk->exists = walk->parent = true;
}

void hf_walk(pid_t pid, int dirfd, const char *path, bool follow, struct hf_walk *walk)
{
    struct walker self = {.pid = pid, .walk = walk, .fd = -1};
    char name[NAME_MAX + 1];
    struct statfs filesystem;
    bool is_last, goes_on = begin(&self, dirfd, path);

    walk->known = goes_on;
    walk->exists = walk->parent = walk->proc = false;
    while (goes_on) {
        if (!next_name(&self, name, &is_last)) {
            end_at_directory(walk);
            break;
        }
        if (strcmp(name, ".") == 0)
            continue;
        own_number(&self, name);
        goes_on = strcmp(name, "..") == 0 ? (walk->known = to_parent(&self)) : advance(&self, name, is_last, follow);
    }
    if (walk->known && !walk->path[0])
        memcpy(walk->path, "/", sizeof("/"));
    if (self.fd >= 0 && fstatfs(self.fd, &filesystem) == 0)
        walk->proc = filesystem.f_type == PROC_SUPER_MAGIC;
    walk->fd = walk->known && walk->exists ? hf_steal(self.fd, -1) : -1;
    if (self.fd >= 0)
        close(self.fd);
}
