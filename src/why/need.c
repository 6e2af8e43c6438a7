/* Which rights the kernel asks Landlock for (the hooks of security/landlock/fs.c, in the order of the calls that reach
 * them): what it fails by itself before that (EEXIST, ENOENT, EISDIR) needs none. */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include "kernel/landlock_abi.h"
#include "why/call.h"

static uint64_t make_right(mode_t type)
{
    switch (type) {
    case S_IFDIR:
        return HF_FS_MAKE_DIR;
    case S_IFLNK:
        return HF_FS_MAKE_SYM;
    case S_IFIFO:
        return HF_FS_MAKE_FIFO;
    case S_IFSOCK:
        return HF_FS_MAKE_SOCK;
    case S_IFCHR:
        return HF_FS_MAKE_CHAR;
    case S_IFBLK:
        return HF_FS_MAKE_BLOCK;
    default:
        return HF_FS_MAKE_REG;
    }
}

static uint64_t remove_right(mode_t type)
{
    return type == S_IFDIR ? HF_FS_REMOVE_DIR : HF_FS_REMOVE_FILE;
}

static uint64_t file_rights(uint64_t flags)
{
    switch (flags & O_ACCMODE) {
    case O_RDONLY:
        return HF_FS_READ_FILE;
    case O_WRONLY:
        return HF_FS_WRITE_FILE;
    default:
        return HF_FS_READ_FILE | HF_FS_WRITE_FILE;
    }
}

static struct hf_need open_existing(uint64_t flags, mode_t type)
{
    const bool writes = (flags & O_ACCMODE) != O_RDONLY;
    struct hf_need need = {0};

    if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) || type == S_IFLNK || type == S_IFSOCK)
        return need;
    if (type == S_IFDIR) {
        if ((flags & O_TMPFILE) == O_TMPFILE)
            need.access = file_rights(flags);
        else if (!writes && !(flags & O_CREAT))
            need.access = HF_FS_READ_DIR;
        return need;
    }
    if (flags & O_DIRECTORY)
        return need;
    need.access = file_rights(flags) | (flags & O_TRUNC && type == S_IFREG ? HF_FS_TRUNCATE : 0);
    return need;
}

static struct hf_need open_need(uint64_t flags, const struct hf_found *found)
{
    if (flags & O_PATH)
        return (struct hf_need){0};
    if (found->exists)
        return open_existing(flags, found->type);
    if (!(flags & O_CREAT) || flags & O_DIRECTORY)
        return (struct hf_need){0};
    return (struct hf_need){.on_parent = true, .access = HF_FS_MAKE_REG | file_rights(flags)};
}

/* current_check_refer_path(): the file's rights to go are asked of the directory that it leaves, those to come of the
 * one that it enters, and between two directories each must be one that files may move to and from. */
static size_t rename_needs(const struct hf_call *call, const struct hf_found found[2], bool same_parent,
                           struct hf_need needs[HF_NEEDS_MAX])
{
    const bool exchanges = call->flags & RENAME_EXCHANGE;
    uint64_t leaves, enters;

    if (!found[0].exists || (exchanges && !found[1].exists) || (call->flags & RENAME_NOREPLACE && found[1].exists))
        return 0;
    leaves = remove_right(found[0].type) | (exchanges ? make_right(found[1].type) : 0);
    enters = make_right(found[0].type) | (found[1].exists ? remove_right(found[1].type) : 0);
    if (same_parent) {
        needs[0] = (struct hf_need){.which = 1, .on_parent = true, .access = leaves | enters};
        return 1;
    }
    needs[0] = (struct hf_need){.which = 0, .on_parent = true, .access = leaves | HF_FS_REFER};
    needs[1] = (struct hf_need){.which = 1, .on_parent = true, .access = enters | HF_FS_REFER};
    return 2;
}

static size_t link_needs(const struct hf_found found[2], bool same_parent, struct hf_need needs[HF_NEEDS_MAX])
{
    const uint64_t makes = make_right(found[0].type);

    if (!found[0].exists || found[1].exists || found[0].type == S_IFDIR)
        return 0;
    needs[0] = (struct hf_need){.which = 1, .on_parent = true, .access = makes | (same_parent ? 0 : HF_FS_REFER)};
    needs[1] = (struct hf_need){.which = 0, .on_parent = true, .access = HF_FS_REFER};
    return same_parent ? 1 : 2;
}

static struct hf_need remove_need(const struct hf_call *call, const struct hf_found *found)
{
    const bool wants_directory = call->flags & AT_REMOVEDIR;

    if (!found->exists || wants_directory != (found->type == S_IFDIR))
        return (struct hf_need){0};
    return (struct hf_need){.on_parent = true, .access = remove_right(found->type)};
}

static struct hf_need single_need(const struct hf_call *call, const struct hf_found *found)
{
    switch (call->kind) {
    case HF_CALL_OPEN:
    case HF_CALL_OPEN_HOW:
        return open_need(call->flags, found);
    case HF_CALL_EXECUTE:
        return (struct hf_need){.access =
                                    found->exists && found->type == S_IFREG ? HF_FS_EXECUTE | HF_FS_READ_FILE : 0};
    case HF_CALL_REMOVE:
        return remove_need(call, found);
    case HF_CALL_MAKE:
        return (struct hf_need){.on_parent = true, .access = found->exists ? 0 : make_right(call->type)};
    case HF_CALL_TRUNCATE:
        return (struct hf_need){.access = found->exists && found->type == S_IFREG ? HF_FS_TRUNCATE : 0};
    case HF_CALL_CONNECT:
        return (struct hf_need){.access = found->exists && found->type == S_IFSOCK ? HF_FS_RESOLVE_UNIX : 0};
    case HF_CALL_BIND:
        return (struct hf_need){.on_parent = true, .access = found->exists ? 0 : HF_FS_MAKE_SOCK};
    default:
        return (struct hf_need){0};
    }
}

size_t hf_call_needs(const struct hf_call *call, const struct hf_found found[2], bool same_parent,
                     struct hf_need needs[HF_NEEDS_MAX])
{
    if (call->kind == HF_CALL_RENAME)
        return rename_needs(call, found, same_parent, needs);
    if (call->kind == HF_CALL_LINK)
        return link_needs(found, same_parent, needs);
    needs[0] = single_need(call, found);
    return needs[0].access ? 1 : 0;
}
