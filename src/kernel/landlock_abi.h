/* The Landlock system calls, structures and constants up to ABI 11, which the distribution's headers (6.1, ABI 2) do not
 * have. Source: include/uapi/linux/landlock.h and Documentation/userspace-api/landlock.rst of Linux 7.3. */
#ifndef HF_KERNEL_LANDLOCK_ABI_H
#define HF_KERNEL_LANDLOCK_ABI_H

#include <stdint.h>

#define HF_NR_LANDLOCK_CREATE_RULESET 444L
#define HF_NR_LANDLOCK_ADD_RULE 445L
#define HF_NR_LANDLOCK_RESTRICT_SELF 446L

#define HF_LANDLOCK_CREATE_VERSION (1U << 0)
#define HF_LANDLOCK_CREATE_ERRATA (1U << 1)

/* Of landlock_restrict_self, from ABI 7 on: denials after an execve are logged too. */
#define HF_LANDLOCK_LOG_NEW_EXEC_ON (1U << 1)

#define HF_LANDLOCK_RULE_PATH_BENEATH 1
#define HF_LANDLOCK_RULE_NET_PORT 2

/* 8 bytes at ABI 1 to 3, 16 at 4 and 5, 24 from 6, 48 from 10 (three fields of quiet logging that are not used here). */
struct hf_landlock_ruleset_attr {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;
    uint64_t scoped;
};

struct hf_landlock_path_beneath_attr {
    uint64_t allowed_access;
    int32_t parent_fd;
} __attribute__((packed));

struct hf_landlock_net_port_attr {
    uint64_t allowed_access;
    uint64_t port;
};

#define HF_FS_EXECUTE (1ULL << 0)
#define HF_FS_WRITE_FILE (1ULL << 1)
#define HF_FS_READ_FILE (1ULL << 2)
#define HF_FS_READ_DIR (1ULL << 3)
#define HF_FS_REMOVE_DIR (1ULL << 4)
#define HF_FS_REMOVE_FILE (1ULL << 5)
#define HF_FS_MAKE_CHAR (1ULL << 6)
#define HF_FS_MAKE_DIR (1ULL << 7)
#define HF_FS_MAKE_REG (1ULL << 8)
#define HF_FS_MAKE_SOCK (1ULL << 9)
#define HF_FS_MAKE_FIFO (1ULL << 10)
#define HF_FS_MAKE_BLOCK (1ULL << 11)
#define HF_FS_MAKE_SYM (1ULL << 12)
#define HF_FS_REFER (1ULL << 13)
#define HF_FS_TRUNCATE (1ULL << 14)
#define HF_FS_IOCTL_DEV (1ULL << 15)
#define HF_FS_RESOLVE_UNIX (1ULL << 16)

#define HF_NET_BIND_TCP (1ULL << 0)
#define HF_NET_CONNECT_TCP (1ULL << 1)
#define HF_NET_BIND_UDP (1ULL << 2)
#define HF_NET_CONNECT_SEND_UDP (1ULL << 3)

#define HF_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define HF_SCOPE_SIGNAL (1ULL << 1)

#endif
