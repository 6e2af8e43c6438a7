/* What each Landlock ABI knows. Sources: Linux 7.3, include/uapi/linux/landlock.h, "Previous limitations" in
 * Documentation/userspace-api/landlock.rst, and security/landlock/errata/. */
#include "abi_level.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define FIRST_FS ((HF_FS_MAKE_SYM << 1) - 1) /* the 13 rights of ABI 1 */

static const struct abi_level brought[] = {
    {.abi = 1, .fs = FIRST_FS, .attr_size = 8, .errata = 1U << 2 | 1U << 3},
    {.abi = 2, .fs = HF_FS_REFER},
    {.abi = 3, .fs = HF_FS_TRUNCATE},
    {.abi = 4, .net = HF_NET_BIND_TCP | HF_NET_CONNECT_TCP, .attr_size = 16, .errata = 1U << 0},
    {.abi = 5, .fs = HF_FS_IOCTL_DEV},
    {.abi = 6, .scoped = HF_SCOPE_ABSTRACT_UNIX_SOCKET | HF_SCOPE_SIGNAL, .attr_size = 24, .errata = 1U << 1},
    {.abi = 7,
     .restrict_flags = LL_RESTRICT_LOG_SAME_EXEC_OFF | LL_RESTRICT_LOG_NEW_EXEC_ON | LL_RESTRICT_LOG_SUBDOMAINS_OFF},
    {.abi = 8, .restrict_flags = LL_RESTRICT_TSYNC},
    {.abi = 9, .fs = HF_FS_RESOLVE_UNIX},
    {.abi = 10,
     .net = HF_NET_BIND_UDP | HF_NET_CONNECT_SEND_UDP,
     .attr_size = sizeof(struct landlock_full_attr),
     .add_rule_flags = LL_ADD_RULE_QUIET},
    {.abi = 11, .restrict_flags = LL_RESTRICT_NO_NEW_PRIVS},
};

_Static_assert(sizeof(brought) / sizeof(brought[0]) == ABI_NEWEST, "one row for each ABI");

struct abi_level abi_level(int abi)
{
    struct abi_level sum = {.abi = abi};

    for (size_t i = 0; i < ABI_NEWEST && brought[i].abi <= abi; i++) {
        sum.fs |= brought[i].fs;
        sum.net |= brought[i].net;
        sum.scoped |= brought[i].scoped;
        sum.add_rule_flags |= brought[i].add_rule_flags;
        sum.restrict_flags |= brought[i].restrict_flags;
        sum.errata |= brought[i].errata;
        if (brought[i].attr_size)
            sum.attr_size = brought[i].attr_size;
    }
    return sum;
}

/* The size up to the end of the first field is the least that every ABI takes. */
static int size_error(const struct abi_attr *attr)
{
    if (!attr->address)
        return EFAULT;
    if (attr->size < sizeof(uint64_t))
        return EINVAL;
    return attr->size > ABI_ATTR_MAX ? E2BIG : 0;
}

size_t abi_attr_wanted(const struct abi_attr *attr)
{
    return size_error(attr) ? 0 : (size_t)attr->size;
}

int abi_attr_check(const struct abi_level *level, const struct abi_attr *attr, struct landlock_full_attr *known)
{
    const int error = size_error(attr);

    memset(known, 0, sizeof(*known));
    if (error)
        return error;
    /* copy_struct_from_user(): the tail first, of which a byte that is not zero counts before one that is not there. */
    for (size_t i = level->attr_size; i < attr->readable; i++)
        if (attr->bytes[i])
            return E2BIG;
    if (attr->readable < attr->size)
        return EFAULT;
    memcpy(known, attr->bytes, attr->size < level->attr_size ? (size_t)attr->size : level->attr_size);
    return (known->handled_access_fs & ~level->fs) || (known->handled_access_net & ~level->net) ||
                   (known->scoped & ~level->scoped)
               ? EINVAL
               : 0;
}
