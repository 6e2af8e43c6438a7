/* The seccomp filter as a table: what no sandboxed program may call. Everything else is allowed; Landlock, the namespaces
 * and the empty capability sets stand behind it. */
#include "enforce/seccomp.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Calls newer than libseccomp 2.5.4 knows, by their x86-64 numbers (arch/x86/entry/syscalls/syscall_64.tbl). */
#define NR_OPEN_TREE_ATTR 467

static const struct {
    int call;
    int errnum;
} denied_calls[] = {
    {SCMP_SYS(ptrace), EPERM},
    {SCMP_SYS(process_vm_readv), EPERM},
    {SCMP_SYS(process_vm_writev), EPERM},
    {SCMP_SYS(pidfd_getfd), EPERM},
    {SCMP_SYS(bpf), EPERM},
    {SCMP_SYS(userfaultfd), EPERM},
    {SCMP_SYS(perf_event_open), EPERM},
    /* ENOSYS: programs take it for a kernel without, and go on with ordinary calls. */
    {SCMP_SYS(io_uring_setup), ENOSYS},
    {SCMP_SYS(io_uring_enter), ENOSYS},
    {SCMP_SYS(io_uring_register), ENOSYS},
    {SCMP_SYS(mount), EPERM},
    {SCMP_SYS(umount2), EPERM},
    {SCMP_SYS(pivot_root), EPERM},
    {SCMP_SYS(fsopen), EPERM},
    {SCMP_SYS(fsconfig), EPERM},
    {SCMP_SYS(fsmount), EPERM},
    {SCMP_SYS(fspick), EPERM},
    {SCMP_SYS(move_mount), EPERM},
    {SCMP_SYS(open_tree), EPERM},
    {SCMP_SYS(mount_setattr), EPERM},
    {NR_OPEN_TREE_ATTR, EPERM},
    {SCMP_SYS(keyctl), EPERM},
    {SCMP_SYS(add_key), EPERM},
    {SCMP_SYS(request_key), EPERM},
    {SCMP_SYS(setns), EPERM},
    /* Its flags are in memory, where no filter can look; ENOSYS makes libc fall back to clone, whose flags are checked. */
    {SCMP_SYS(clone3), ENOSYS},
};

/* Address families that are open to a sandboxed program. All others up to AF_MAX are denied, those to come as well as
 * AF_PACKET, AF_VSOCK, AF_BLUETOOTH, AF_ALG or AF_XDP; the kernel itself knows none above. */
static bool family_allowed(int family, enum hf_mode mode)
{
    if (family == AF_UNIX || family == AF_NETLINK)
        return true;
    return (family == AF_INET || family == AF_INET6) && mode == HF_MODE_PROXY;
}

#define FAMILY_MAX 64

/* The kernel reads these arguments as int, so that the high half, which the filter also sees, must not count. */
#define LOW_HALF 0xffffffffULL

static int deny_families(scmp_filter_ctx filter, enum hf_mode mode)
{
    int failure = 0;

    for (int family = 0; family < FAMILY_MAX && !failure; family++)
        if (!family_allowed(family, mode))
            failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1,
                                       SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_HALF, (scmp_datum_t)family));
    return failure;
}

/* Netlink protocols are below MAX_LINKS (32), and NETLINK_ROUTE is 0: whatever has one of these bits set is another. The
 * kernel refuses the rest (netlink_create, EPROTONOSUPPORT). */
static int deny_netlink_but_route(scmp_filter_ctx filter)
{
    int failure = 0;

    _Static_assert(NETLINK_ROUTE == 0 && MAX_LINKS == 32, "the bits below are those of 1 to 31");
    for (scmp_datum_t bit = 1; bit < MAX_LINKS && !failure; bit <<= 1)
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 2,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, LOW_HALF, AF_NETLINK),
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, bit, bit));
    return failure;
}

/* Typing into the terminal that the command shares with the shell that started it: what stands there after the run would
 * be executed outside (ioctl_tty(2), ioctl_console(2)). */
static int deny_terminal_input(scmp_filter_ctx filter)
{
    static const scmp_datum_t commands[] = {TIOCSTI, TIOCLINUX};
    int failure = 0;

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]) && !failure; i++)
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                   SCMP_A1(SCMP_CMP_MASKED_EQ, LOW_HALF, commands[i]));
    return failure;
}

static int deny_user_namespaces(scmp_filter_ctx filter)
{
    int failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));

    return failure ? failure
                   : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
}

static int fill(scmp_filter_ctx filter, enum hf_mode mode)
{
    /* A call by another architecture's numbers (int $0x80, x32) would pass this table by: it ends the process. */
    int failure = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

    if (!failure)
        failure = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    for (size_t i = 0; i < sizeof(denied_calls) / sizeof(denied_calls[0]) && !failure; i++)
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)denied_calls[i].errnum), denied_calls[i].call, 0);
    if (!failure)
        failure = deny_families(filter, mode);
    if (!failure)
        failure = deny_netlink_but_route(filter);
    if (!failure)
        failure = deny_terminal_input(filter);
    if (!failure)
        failure = deny_user_namespaces(filter);
    return failure;
}

bool hf_seccomp_load(enum hf_mode mode, struct hf_error *error)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int failure;

    if (!filter)
        return hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, ENOMEM, "seccomp_init");
    failure = fill(filter, mode);
    if (!failure)
        failure = seccomp_load(filter);
    seccomp_release(filter);
    return !failure || hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, -failure, "seccomp_load");
}
