/* The seccomp filter as a table: what no sandboxed program may call. Everything else is allowed; Landlock, the namespaces
 * and the empty capability sets stand behind it. */
#include "enforce/seccomp.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    int call;
    int errnum;
} denied_calls[] = {
    {SYS_ptrace, EPERM},
    {SYS_process_vm_readv, EPERM},
    {SYS_process_vm_writev, EPERM},
    {SYS_pidfd_getfd, EPERM},
    {SYS_bpf, EPERM},
    {SYS_userfaultfd, EPERM},
    {SYS_perf_event_open, EPERM},
    /* ENOSYS: programs take it for a kernel without, and go on with ordinary calls. */
    {SYS_io_uring_setup, ENOSYS},
    {SYS_io_uring_enter, ENOSYS},
    {SYS_io_uring_register, ENOSYS},
    {SYS_mount, EPERM},
    {SYS_umount2, EPERM},
    {SYS_pivot_root, EPERM},
    {SYS_fsopen, EPERM},
    {SYS_fsconfig, EPERM},
    {SYS_fsmount, EPERM},
    {SYS_fspick, EPERM},
    {SYS_move_mount, EPERM},
    {SYS_open_tree, EPERM},
    {SYS_mount_setattr, EPERM},
    {HF_NR_OPEN_TREE_ATTR, EPERM},
    {SYS_keyctl, EPERM},
    {SYS_add_key, EPERM},
    {SYS_request_key, EPERM},
    {SYS_setns, EPERM},
    {SYS_syslog, EPERM}, /* the kernel's log is everybody's to read where kernel.dmesg_restrict is 0 */
    /* Its flags are in memory, where no filter can look; ENOSYS makes libc fall back to clone, whose flags are checked. */
    {SYS_clone3, ENOSYS},
};

/* Address families that are open to a sandboxed program. All others are denied, those to come as well as AF_PACKET,
 * AF_VSOCK, AF_BLUETOOTH, AF_ALG or AF_XDP. */
static const struct {
    uint32_t family;
    bool in_block_mode;
} allowed_families[] = {
    {AF_UNIX, true},
    {AF_NETLINK, true},
    {AF_INET, false},
    {AF_INET6, false},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The kernel reads these arguments as int: the high half of each does not count. */
static const struct hf_filter_test netlink_but_route[] = {
    {.argument = 0, .mask = HF_FILTER_ALL_BITS, .value = AF_NETLINK},
    {.argument = 2, .mask = HF_FILTER_ALL_BITS, .value = NETLINK_ROUTE, .differs = true},
};

static const struct hf_filter_test user_namespace = {.argument = 0, .mask = CLONE_NEWUSER, .value = CLONE_NEWUSER};

/* A group of no number is the caller's, in which the command is: in a process namespace it has none (getpriority(2),
 * ioprio_set(2)). */
static const struct {
    int call;
    uint32_t group;
} of_groups[] = {
    {SYS_setpriority, PRIO_PGRP},
    {SYS_ioprio_set, IOPRIO_WHO_PGRP},
};

static void deny_callers_group(struct hf_filter *filter)
{
    for (size_t i = 0; i < COUNT(of_groups); i++) {
        const struct hf_filter_test tests[] = {
            {.argument = 0, .mask = HF_FILTER_ALL_BITS, .value = of_groups[i].group},
            {.argument = 1, .mask = HF_FILTER_ALL_BITS, .value = 0},
        };

        hf_filter_deny(filter, of_groups[i].call, EPERM, tests, COUNT(tests));
    }
}

/* Before a family says that it has no pairs, its module is loaded and a socket of it made; TIPC has pairs (socketpair(2)). */
static const struct hf_filter_test all_but_unix = {
    .argument = 0, .mask = HF_FILTER_ALL_BITS, .value = AF_UNIX, .differs = true};

static void deny_families(struct hf_filter *filter, enum hf_mode mode)
{
    struct hf_filter_test others[COUNT(allowed_families)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(allowed_families); i++)
        if (allowed_families[i].in_block_mode || mode == HF_MODE_PROXY)
            others[count++] = (struct hf_filter_test){
                .argument = 0, .mask = HF_FILTER_ALL_BITS, .value = allowed_families[i].family, .differs = true};
    hf_filter_deny(filter, SYS_socket, EACCES, others, count);
}

/* Typing into the terminal that the command shares with the shell that started it: what stands there after the run would
 * be executed outside (ioctl_tty(2), ioctl_console(2)). */
static void deny_terminal_input(struct hf_filter *filter)
{
    static const uint32_t commands[] = {TIOCSTI, TIOCLINUX};

    for (size_t i = 0; i < COUNT(commands); i++)
        hf_filter_deny(filter, SYS_ioctl, EPERM,
                       &(struct hf_filter_test){.argument = 1, .mask = HF_FILTER_ALL_BITS, .value = commands[i]}, 1);
}

bool hf_seccomp_filter(enum hf_mode mode, const struct hf_watched *watched, struct hf_filter *filter)
{
    hf_filter_begin(filter);
    filter->watched = watched;
    for (size_t i = 0; watched && i < watched->count; i++)
        hf_filter_watch(filter, watched->calls[i]);
    for (size_t i = 0; i < COUNT(denied_calls); i++)
        hf_filter_deny(filter, denied_calls[i].call, denied_calls[i].errnum, NULL, 0);
    deny_families(filter, mode);
    hf_filter_deny(filter, SYS_socketpair, EACCES, &all_but_unix, 1);
    deny_callers_group(filter);
    hf_filter_deny(filter, SYS_socket, EACCES, netlink_but_route, COUNT(netlink_but_route));
    deny_terminal_input(filter);
    hf_filter_deny(filter, SYS_unshare, EPERM, &user_namespace, 1);
    hf_filter_deny(filter, SYS_clone, EPERM, &user_namespace, 1);
    return hf_filter_end(filter);
}

bool hf_seccomp_load(enum hf_mode mode, struct hf_error *error)
{
    struct hf_filter filter;
    struct sock_fprog program = {.filter = filter.code};

    if (!hf_seccomp_filter(mode, NULL, &filter))
        return hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, E2BIG, "the filter");
    program.len = (unsigned short)filter.length;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0U, &program) == 0 ||
           hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, errno, "seccomp");
}

/* The last flag keeps a signal from interrupting a call that waits for its answer, which would then be told again; kernels
 * before 5.19 do not know it. */
static int load_with_listener(const struct sock_fprog *program)
{
    const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    const int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);

    if (fd >= 0 || errno != EINVAL)
        return fd;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, program);
}

int hf_seccomp_listen(enum hf_mode mode, const struct hf_watched *watched, struct hf_error *error)
{
    struct hf_filter filter;
    struct sock_fprog program = {.filter = filter.code};
    int listener = -1;

    errno = E2BIG;
    if (hf_seccomp_filter(mode, watched, &filter)) {
        program.len = (unsigned short)filter.length;
        listener = load_with_listener(&program);
    }
    if (listener < 0)
        hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, errno, "the filter with a listener%s",
                errno == EBUSY ? ", of which a process tree takes one, and there is one above" : "");
    return listener;
}

int hf_seccomp_errno(int call)
{
    for (size_t i = 0; i < COUNT(denied_calls); i++)
        if (denied_calls[i].call == call)
            return denied_calls[i].errnum;
    for (size_t i = 0; i < COUNT(of_groups); i++)
        if (of_groups[i].call == call)
            return EPERM;
    if (call == SYS_socket || call == SYS_socketpair)
        return EACCES;
    return call == SYS_ioctl || call == SYS_unshare || call == SYS_clone ? EPERM : 0;
}
