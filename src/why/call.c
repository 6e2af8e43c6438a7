/* The table of observed calls, and taking one apart (the calls' own manual pages; x86-64 argument order). */
#include "why/call.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define NONE (-1)

/* Which argument is what; NONE: there is none, and a path is relative to the working directory. */
static const struct shape {
    int number;
    enum hf_call_kind kind;
    int dirfd, path;
    int second_dirfd, second_path;
    int flags;
    uint64_t fixed; /* flags where no argument has them; of HF_CALL_MAKE the type where no argument has it */
} shapes[] = {
    {SYS_open, HF_CALL_OPEN, NONE, 0, NONE, NONE, 1, 0},
    {SYS_openat, HF_CALL_OPEN, 0, 1, NONE, NONE, 2, 0},
    {SYS_openat2, HF_CALL_OPEN_HOW, 0, 1, NONE, NONE, 2, 0},
    {SYS_creat, HF_CALL_OPEN, NONE, 0, NONE, NONE, NONE, O_CREAT | O_WRONLY | O_TRUNC},
    {SYS_execve, HF_CALL_EXECUTE, NONE, 0, NONE, NONE, NONE, 0},
    {SYS_execveat, HF_CALL_EXECUTE, 0, 1, NONE, NONE, 4, 0},
    {SYS_unlink, HF_CALL_REMOVE, NONE, 0, NONE, NONE, NONE, 0},
    {SYS_unlinkat, HF_CALL_REMOVE, 0, 1, NONE, NONE, 2, 0},
    {SYS_rmdir, HF_CALL_REMOVE, NONE, 0, NONE, NONE, NONE, AT_REMOVEDIR},
    {SYS_rename, HF_CALL_RENAME, NONE, 0, NONE, 1, NONE, 0},
    {SYS_renameat, HF_CALL_RENAME, 0, 1, 2, 3, NONE, 0},
    {SYS_renameat2, HF_CALL_RENAME, 0, 1, 2, 3, 4, 0},
    {SYS_link, HF_CALL_LINK, NONE, 0, NONE, 1, NONE, 0},
    {SYS_linkat, HF_CALL_LINK, 0, 1, 2, 3, 4, 0},
    {SYS_symlink, HF_CALL_MAKE, NONE, 1, NONE, NONE, NONE, S_IFLNK},
    {SYS_symlinkat, HF_CALL_MAKE, 1, 2, NONE, NONE, NONE, S_IFLNK},
    {SYS_mkdir, HF_CALL_MAKE, NONE, 0, NONE, NONE, NONE, S_IFDIR},
    {SYS_mkdirat, HF_CALL_MAKE, 0, 1, NONE, NONE, NONE, S_IFDIR},
    {SYS_mknod, HF_CALL_MAKE, NONE, 0, NONE, NONE, 1, 0},
    {SYS_mknodat, HF_CALL_MAKE, 0, 1, NONE, NONE, 2, 0},
    {SYS_truncate, HF_CALL_TRUNCATE, NONE, 0, NONE, NONE, NONE, 0},
    {SYS_connect, HF_CALL_CONNECT, NONE, NONE, NONE, NONE, NONE, 0},
    {SYS_bind, HF_CALL_BIND, NONE, NONE, NONE, NONE, NONE, 0},
};

#define COUNT (sizeof(shapes) / sizeof(shapes[0]))

size_t hf_calls(int numbers[], size_t room)
{
    for (size_t i = 0; i < COUNT && i < room; i++)
        numbers[i] = shapes[i].number;
    return COUNT < room ? COUNT : room;
}

static struct hf_path_argument path_argument(const struct seccomp_data *data, int dirfd, int path)
{
    return (struct hf_path_argument){.dirfd = dirfd == NONE ? AT_FDCWD : (int)data->args[dirfd],
                                     .address = data->args[path]};
}

static void read_shape(const struct shape *shape, const struct seccomp_data *data, struct hf_call *call)
{
    *call = (struct hf_call){.kind = shape->kind,
                             .flags = shape->flags == NONE ? shape->fixed : data->args[shape->flags]};
    if (shape->path != NONE)
        call->path[call->path_count++] = path_argument(data, shape->dirfd, shape->path);
    if (shape->second_path != NONE)
        call->path[call->path_count++] = path_argument(data, shape->second_dirfd, shape->second_path);
    if (shape->kind == HF_CALL_MAKE)
        call->type = (mode_t)call->flags & S_IFMT ? (mode_t)call->flags & S_IFMT : S_IFREG; /* mknod(2) */
    if (shape->kind == HF_CALL_CONNECT || shape->kind == HF_CALL_BIND) {
        call->socket = (int)data->args[0];
        call->address = data->args[1];
        call->length = data->args[2];
    }
}

bool hf_call_read(const struct seccomp_data *data, struct hf_call *call)
{
    for (size_t i = 0; i < COUNT; i++)
        if (shapes[i].number == data->nr) {
            read_shape(&shapes[i], data, call);
            return true;
        }
    return false;
}

bool hf_call_follows(const struct hf_call *call, size_t which)
{
    switch (call->kind) {
    case HF_CALL_OPEN:
    case HF_CALL_OPEN_HOW:
        /* open(2): O_CREAT with O_EXCL does not follow. */
        return !(call->flags & O_NOFOLLOW) && (call->flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
    case HF_CALL_EXECUTE:
        return !(call->flags & AT_SYMLINK_NOFOLLOW);
    case HF_CALL_LINK:
        return which == 0 && (call->flags & AT_SYMLINK_FOLLOW);
    case HF_CALL_TRUNCATE:
    case HF_CALL_CONNECT:
        return true;
    default:
        return false;
    }
}
