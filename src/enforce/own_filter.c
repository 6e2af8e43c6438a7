/* What is denied, as a table. A list of what is allowed would be shorter than glibc's, for what a name service's module calls
 * (nsswitch.conf(5)) is the machine's affair. So: no program, no process, no code made at run time, no look at other processes,
 * no namespace, nothing written. */
#include "enforce/own_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define IS(number, expected) {.argument = (number), .mask = HF_FILTER_ALL_BITS, .value = (expected)}
#define IS_NOT(number, expected) {.argument = (number), .mask = HF_FILTER_ALL_BITS, .value = (expected), .differs = true}
#define HAS(number, bits) {.argument = (number), .mask = (bits), .value = (bits)}
#define HAS_NOT(number, bits) {.argument = (number), .mask = (bits), .value = (bits), .differs = true}

static const int denied_calls[] = {
    /* other programs and processes */
    SYS_execve, SYS_execveat, SYS_fork, SYS_vfork, SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_ptrace,
    SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_kcmp,
    SYS_setns, SYS_unshare, SYS_personality, SYS_setsid, SYS_setpgid,
    /* the kernel's wide sides */
    SYS_bpf, SYS_userfaultfd, SYS_perf_event_open, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_memfd_create,
    SYS_pkey_mprotect, SYS_shmget, SYS_shmat, SYS_fanotify_init, SYS_landlock_create_ruleset,
    /* file systems */
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_move_mount,
    SYS_open_tree, SYS_mount_setattr, SYS_name_to_handle_at, SYS_open_by_handle_at,
    /* files */
    SYS_creat, SYS_truncate, SYS_rename, SYS_renameat, SYS_renameat2, SYS_unlink, SYS_unlinkat, SYS_rmdir, SYS_mkdir,
    SYS_mkdirat, SYS_mknod, SYS_mknodat, SYS_link, SYS_linkat, SYS_symlink, SYS_symlinkat, SYS_chmod, SYS_fchmod,
    SYS_fchmodat, SYS_chown, SYS_fchown, SYS_lchown, SYS_fchownat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr,
    /* who connects is for the listening sockets that there are */
    SYS_listen,
};

static const int denied_to_the_porter[] = {SYS_socket, SYS_connect, SYS_bind, SYS_accept, SYS_accept4};

/* ENOSYS: programs take it for a kernel without, and go on with ordinary calls. What clone3 and openat2 are asked for is in
 * memory, where no filter can look. */
static const int unknown_calls[] = {SYS_clone3, SYS_openat2, SYS_io_uring_setup, SYS_io_uring_enter,
                                    SYS_io_uring_register};

static const struct hf_filter_test no_thread[] = {HAS_NOT(0, CLONE_THREAD)};
static const struct hf_filter_test open_to_write[] = {{.argument = 1, .mask = O_ACCMODE, .value = O_RDONLY, .differs = true}};
static const struct hf_filter_test openat_to_write[] = {{.argument = 2, .mask = O_ACCMODE, .value = O_RDONLY, .differs = true}};
static const struct hf_filter_test open_to_create[] = {HAS(1, O_CREAT)};
static const struct hf_filter_test openat_to_create[] = {HAS(2, O_CREAT)};
static const struct hf_filter_test make_executable[] = {HAS(2, PROT_EXEC)};
static const struct hf_filter_test map_without_a_file[] = {HAS(2, PROT_EXEC), HAS(3, MAP_ANONYMOUS)};
static const struct hf_filter_test map_to_write_and_execute[] = {HAS(2, PROT_EXEC | PROT_WRITE)};
static const struct hf_filter_test become_dumpable[] = {IS(0, PR_SET_DUMPABLE)};
static const struct hf_filter_test type_into_a_terminal[] = {IS(1, TIOCSTI)};
static const struct hf_filter_test paste_on_a_console[] = {IS(1, TIOCLINUX)};
/* Name resolution asks for the machine's own addresses (AF_NETLINK), and daemons for names (AF_UNIX). */
static const struct hf_filter_test other_family[] = {IS_NOT(0, AF_INET), IS_NOT(0, AF_INET6), IS_NOT(0, AF_UNIX),
                                                     IS_NOT(0, AF_NETLINK)};
static const struct hf_filter_test netlink_but_route[] = {IS(0, AF_NETLINK), IS_NOT(2, NETLINK_ROUTE)};

static const struct {
    int call;
    const struct hf_filter_test *tests;
    size_t count;
} denied_uses[] = {
    {SYS_clone, no_thread, COUNT(no_thread)},
    {SYS_open, open_to_write, COUNT(open_to_write)},
    {SYS_openat, openat_to_write, COUNT(openat_to_write)},
    {SYS_open, open_to_create, COUNT(open_to_create)},
    {SYS_openat, openat_to_create, COUNT(openat_to_create)},
    {SYS_mprotect, make_executable, COUNT(make_executable)},
    {SYS_mmap, map_without_a_file, COUNT(map_without_a_file)},
    {SYS_mmap, map_to_write_and_execute, COUNT(map_to_write_and_execute)},
    {SYS_prctl, become_dumpable, COUNT(become_dumpable)},
    {SYS_ioctl, type_into_a_terminal, COUNT(type_into_a_terminal)},
    {SYS_ioctl, paste_on_a_console, COUNT(paste_on_a_console)},
};

static void deny_all(struct hf_filter *filter, const int *calls, size_t count, int errnum)
{
    for (size_t i = 0; i < count; i++)
        hf_filter_deny(filter, calls[i], errnum, NULL, 0);
}

bool hf_own_filter(enum hf_own_process who, struct hf_filter *filter)
{
    hf_filter_begin(filter);
    deny_all(filter, denied_calls, COUNT(denied_calls), EPERM);
    deny_all(filter, unknown_calls, COUNT(unknown_calls), ENOSYS);
    for (size_t i = 0; i < COUNT(denied_uses); i++)
        hf_filter_deny(filter, denied_uses[i].call, EPERM, denied_uses[i].tests, denied_uses[i].count);
    if (who == HF_OWN_PORTER) {
        deny_all(filter, denied_to_the_porter, COUNT(denied_to_the_porter), EPERM);
        return hf_filter_end(filter);
    }
    hf_filter_deny(filter, SYS_socket, EACCES, other_family, COUNT(other_family));
    hf_filter_deny(filter, SYS_socket, EACCES, netlink_but_route, COUNT(netlink_but_route));
    return hf_filter_end(filter);
}

bool hf_own_filter_load(enum hf_own_process who, struct hf_error *error)
{
    struct hf_filter filter;
    struct sock_fprog program = {.filter = filter.code};

    if (!hf_own_filter(who, &filter))
        return hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, E2BIG, "the proxy's own filter");
    program.len = (unsigned short)filter.length;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0U, &program) == 0 ||
           hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, errno, "seccomp of the proxy");
}
