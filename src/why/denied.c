#include "why/denied.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "enforce/seccomp.h"

static const struct {
    int number;
    const char *name;
} calls[] = {
    {SYS_ptrace, "ptrace"},
    {SYS_process_vm_readv, "process_vm_readv"},
    {SYS_process_vm_writev, "process_vm_writev"},
    {SYS_pidfd_getfd, "pidfd_getfd"},
    {SYS_bpf, "bpf"},
    {SYS_userfaultfd, "userfaultfd"},
    {SYS_perf_event_open, "perf_event_open"},
    {SYS_mount, "mount"},
    {SYS_umount2, "umount2"},
    {SYS_pivot_root, "pivot_root"},
    {SYS_fsopen, "fsopen"},
    {SYS_fsconfig, "fsconfig"},
    {SYS_fsmount, "fsmount"},
    {SYS_fspick, "fspick"},
    {SYS_move_mount, "move_mount"},
    {SYS_open_tree, "open_tree"},
    {SYS_mount_setattr, "mount_setattr"},
    {HF_NR_OPEN_TREE_ATTR, "open_tree_attr"},
    {SYS_keyctl, "keyctl"},
    {SYS_add_key, "add_key"},
    {SYS_request_key, "request_key"},
    {SYS_setns, "setns"},
    {SYS_ioctl, "ioctl (typing into the terminal)"},
    {SYS_unshare, "unshare (a user namespace)"},
    {SYS_clone, "clone (a user namespace)"},
};

static const struct {
    int number;
    const char *name;
} families[] = {
    {AF_INET, "AF_INET"},   {AF_INET6, "AF_INET6"},         {AF_NETLINK, "AF_NETLINK, not of routes"},
    {AF_PACKET, "AF_PACKET"}, {AF_VSOCK, "AF_VSOCK"},       {AF_BLUETOOTH, "AF_BLUETOOTH"},
    {AF_ALG, "AF_ALG"},       {AF_XDP, "AF_XDP"},
};

void hf_denied_name(const struct seccomp_data *data, char *text, size_t size)
{
    const int family = (int)data->args[0];

    snprintf(text, size, data->nr == SYS_socket ? "socket (family %d)" : "%d",
             data->nr == SYS_socket ? family : data->nr);
    for (size_t i = 0; data->nr == SYS_socket && i < sizeof(families) / sizeof(families[0]); i++)
        if (families[i].number == family)
            snprintf(text, size, "socket (%s)", families[i].name);
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (calls[i].number == data->nr)
            snprintf(text, size, "%s", calls[i].name);
}

const char *hf_denied_remedy(const struct seccomp_data *data, const struct hf_plan *plan)
{
    const int family = (int)data->args[0];

    if (data->nr == SYS_socket && (family == AF_INET || family == AF_INET6) && plan->mode == HF_MODE_BLOCK)
        return "name hosts and ports in network_policies; --mode proxy shows which are asked for";
    return "no policy can";
}
