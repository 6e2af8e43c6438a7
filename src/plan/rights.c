/* The table of Landlock rights (landlock(7), Documentation/userspace-api/landlock.rst). */
#include "plan/rights.h"

const struct hf_right hf_rights[] = {
    {"execute", HF_RIGHT_FS, HF_FS_EXECUTE, 1, true, NULL},
    {"write_file", HF_RIGHT_FS, HF_FS_WRITE_FILE, 1, true, NULL},
    {"read_file", HF_RIGHT_FS, HF_FS_READ_FILE, 1, true, NULL},
    {"read_dir", HF_RIGHT_FS, HF_FS_READ_DIR, 1, false, NULL},
    {"remove_dir", HF_RIGHT_FS, HF_FS_REMOVE_DIR, 1, false, NULL},
    {"remove_file", HF_RIGHT_FS, HF_FS_REMOVE_FILE, 1, false, NULL},
    {"make_char", HF_RIGHT_FS, HF_FS_MAKE_CHAR, 1, false, NULL},
    {"make_dir", HF_RIGHT_FS, HF_FS_MAKE_DIR, 1, false, NULL},
    {"make_reg", HF_RIGHT_FS, HF_FS_MAKE_REG, 1, false, NULL},
    {"make_sock", HF_RIGHT_FS, HF_FS_MAKE_SOCK, 1, false, NULL},
    {"make_fifo", HF_RIGHT_FS, HF_FS_MAKE_FIFO, 1, false, NULL},
    {"make_block", HF_RIGHT_FS, HF_FS_MAKE_BLOCK, 1, false, NULL},
    {"make_sym", HF_RIGHT_FS, HF_FS_MAKE_SYM, 1, false, NULL},
    {"refer", HF_RIGHT_FS, HF_FS_REFER, 2, false, "rename and link across directories always fail (EXDEV)"},
    {"truncate", HF_RIGHT_FS, HF_FS_TRUNCATE, 3, true,
     "read_only files can still be truncated, and so can files that are not listed at all"},
    {"ioctl_dev", HF_RIGHT_FS, HF_FS_IOCTL_DEV, 5, true, "read_only devices still take ioctl commands"},
    {"resolve_unix", HF_RIGHT_FS, HF_FS_RESOLVE_UNIX, 9, true,
     "sockets at any path can be connected to, read_only or not listed at all"},
    {"bind_tcp", HF_RIGHT_NET, HF_NET_BIND_TCP, 4, false, NULL},
    {"connect_tcp", HF_RIGHT_NET, HF_NET_CONNECT_TCP, 4, false, NULL},
    {"bind_udp", HF_RIGHT_NET, HF_NET_BIND_UDP, 10, false, NULL},
    {"connect_send_udp", HF_RIGHT_NET, HF_NET_CONNECT_SEND_UDP, 10, false, NULL},
    {"abstract_unix_socket", HF_RIGHT_SCOPE, HF_SCOPE_ABSTRACT_UNIX_SOCKET, 6, false, NULL},
    {"signal", HF_RIGHT_SCOPE, HF_SCOPE_SIGNAL, 6, false,
     "processes outside that are of the caller's process group can be sent signals (kill(0, ...))"},
};

const size_t hf_right_count = sizeof(hf_rights) / sizeof(hf_rights[0]);

uint64_t hf_rights_of(enum hf_right_class class, int abi)
{
    uint64_t set = 0;

    for (size_t i = 0; i < hf_right_count; i++)
        if (hf_rights[i].class == class && hf_rights[i].since <= abi)
            set |= hf_rights[i].bit;
    return set;
}

uint64_t hf_rights_for_file(void)
{
    uint64_t set = 0;

    for (size_t i = 0; i < hf_right_count; i++)
        if (hf_rights[i].class == HF_RIGHT_FS && hf_rights[i].file)
            set |= hf_rights[i].bit;
    return set;
}
