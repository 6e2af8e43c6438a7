/* Attempts on the kernel itself: namespaces and mounts of one's own, io_uring in the place of calls that are denied, numbers
 * and flags written otherwise, what privileges alone may do. Where a call would do harm its arguments are such that the
 * kernel refuses them after it has looked at who asks: that is `ok`. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/kexec.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

#define HIGH (1UL << 32)
#define X32 0x40000000L /* arch/x86/include/uapi/asm/unistd.h */
#define I386_OPEN 5     /* arch/x86/entry/syscalls/syscall_32.tbl */
#define URING_SOCKET 45 /* IORING_OP_SOCKET, Linux 5.19 */

static int answer_of(long result)
{
    return result < 0 ? errno : 0;
}

/* 0 where it fails as said, which is after the look at who asks. */
static int refused_as(long result, int errnum)
{
    return result < 0 && errno == errnum ? 0 : answer_of(result);
}

static int mount_something(void)
{
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return errno;
    return answer_of(mount("none", "/mnt", "tmpfs", 0, NULL));
}

static int mount_in_user_namespace(char *const *arguments)
{
    (void)arguments;
    return syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS) < 0 ? errno : mount_something();
}

static int mount_in_namespace(char *const *arguments)
{
    (void)arguments;
    return syscall(SYS_unshare, CLONE_NEWNS) < 0 ? errno : mount_something();
}

static int cloned(long pid)
{
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid((pid_t)pid, NULL, 0);
    return answer_of(pid);
}

static int user_namespace_by_clone(char *const *arguments)
{
    (void)arguments;
    return cloned(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

/* The kernel takes the low half of the flags alone. */
static int user_namespace_by_dirty_flags(char *const *arguments)
{
    (void)arguments;
    return cloned(syscall(SYS_clone, HIGH | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

static int user_namespace_by_clone3(char *const *arguments)
{
    struct clone_args with = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};

    (void)arguments;
    return cloned(syscall(SYS_clone3, &with, sizeof(with)));
}

static int network_namespace(char *const *arguments)
{
    (void)arguments;
    return answer_of(syscall(SYS_unshare, CLONE_NEWNET));
}

static int join_namespace(char *const *arguments)
{
    hf_autoclose int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);

    return fd < 0 ? errno : answer_of(syscall(SYS_setns, fd, 0));
}

static int change_root(char *const *arguments)
{
    return answer_of(chroot(arguments[0]));
}

static int pivot(char *const *arguments)
{
    return refused_as(syscall(SYS_pivot_root, arguments[0], arguments[0]), EINVAL);
}

static int new_file_system(char *const *arguments)
{
    hf_autoclose int context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC), fd = -1;

    (void)arguments;
    if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return errno;
    fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
    return answer_of(fd);
}

static int clone_tree(char *const *arguments)
{
    hf_autoclose int fd = (int)syscall(SYS_open_tree, AT_FDCWD, arguments[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

    return answer_of(fd);
}

static int mount_writable(char *const *arguments)
{
    const struct mount_attr attribute = {.attr_clr = MOUNT_ATTR_RDONLY};

    return refused_as(syscall(SYS_mount_setattr, AT_FDCWD, arguments[0], 0U, &attribute, sizeof(attribute)), EINVAL);
}

static int unmount(char *const *arguments)
{
    return refused_as(umount2(arguments[0], UMOUNT_NOFOLLOW), EINVAL);
}

/* A ring of one entry; submits it and gives its result. */
static int by_ring(const struct io_uring_sqe *entry)
{
    struct io_uring_params with = {0};
    hf_autoclose int ring = (int)syscall(SYS_io_uring_setup, 1, &with);
    size_t size;
    char *rings, *entries;

    if (ring < 0)
        return -errno;
    size = with.cq_off.cqes + with.cq_entries * sizeof(struct io_uring_cqe);
    rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    entries = mmap(NULL, with.sq_entries * sizeof(*entry), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    if (rings == MAP_FAILED || entries == MAP_FAILED)
        return -errno;
    memcpy(entries, entry, sizeof(*entry));
    *(unsigned *)(rings + with.sq_off.array) = 0;
    __atomic_store_n((unsigned *)(rings + with.sq_off.tail), 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
        return -errno;
    return ((struct io_uring_cqe *)(rings + with.cq_off.cqes))->res;
}

static int read_by_ring(char *const *arguments)
{
    const struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)arguments[0],
                                       .open_flags = O_RDONLY};
    const int fd = by_ring(&entry);
    char byte;

    return fd < 0 ? -fd : answer_of(read(fd, &byte, 1));
}

static int write_by_ring(char *const *arguments)
{
    const struct io_uring_sqe entry = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)arguments[0],
                                       .open_flags = O_WRONLY};
    const int fd = by_ring(&entry);

    return fd < 0 ? -fd : 0;
}

static int packets_by_ring(char *const *arguments)
{
    const struct io_uring_sqe entry = {.opcode = URING_SOCKET, .fd = AF_PACKET, .off = SOCK_RAW};
    const int fd = by_ring(&entry);

    (void)arguments;
    return fd < 0 ? -fd : 0;
}

static int packets_by_dirty_family(char *const *arguments)
{
    (void)arguments;
    return answer_of(syscall(SYS_socket, HIGH | AF_PACKET, HIGH | SOCK_RAW, 0));
}

/* Of a family that has no pairs: the kernel says so once it has made a socket of it (socketpair(2)). */
static int socket_by_pair(char *const *arguments)
{
    int pair[2];

    (void)arguments;
    return refused_as(socketpair(AF_INET, SOCK_STREAM, 0, pair), EOPNOTSUPP);
}

static int read_by_x32(char *const *arguments)
{
    return answer_of(syscall(X32 | SYS_open, arguments[0], O_RDONLY));
}

/* The path has to be where 32 bits reach. */
static int read_by_int80(char *const *arguments)
{
#ifdef __x86_64__
    char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    long result;

    if (low == MAP_FAILED)
        return errno;
    strcpy(low, arguments[0]);
    __asm__ volatile("int $0x80" : "=a"(result) : "0"((long)I386_OPEN), "b"((long)(uintptr_t)low), "c"(0L), "d"(0L)
                     : "r8", "r9", "r10", "r11", "memory", "cc");
    return (int)result < 0 ? -(int)result : 0;
#else
    (void)arguments;
    return ENOSYS;
#endif
}

static int type_into_terminal(char *const *arguments)
{
    (void)arguments;
    return answer_of(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

/* The kernel takes the low half of the command alone (CVE-2019-7303). */
static int type_by_dirty_command(char *const *arguments)
{
    (void)arguments;
    return answer_of(syscall(SYS_ioctl, STDIN_FILENO, HIGH | TIOCSTI, "x"));
}

/* On a terminal that is no virtual console the driver says ENOTTY. */
static int paste_into_terminal(char *const *arguments)
{
    char command = 3; /* TIOCL_PASTESEL: ioctl_console(2) */

    (void)arguments;
    return refused_as(ioctl(STDIN_FILENO, TIOCLINUX, &command), ENOTTY);
}

static int keyring_of_parent(char *const *arguments)
{
    (void)arguments;
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
        return errno;
    return answer_of(syscall(SYS_keyctl, KEYCTL_SESSION_TO_PARENT));
}

static int keyring_of_user(char *const *arguments)
{
    const long key = syscall(SYS_add_key, "user", "hf-attempt", "x", 1, KEY_SPEC_USER_KEYRING);

    (void)arguments;
    return key < 0 ? errno : answer_of(syscall(SYS_keyctl, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING));
}

static int list_keyring(char *const *arguments)
{
    (void)arguments;
    return answer_of(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1));
}

static int bpf_map(char *const *arguments)
{
    const union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    hf_autoclose int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));

    (void)arguments;
    return answer_of(fd);
}

static int count_events(char *const *arguments)
{
    const struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(event),
                                          .config = PERF_COUNT_SW_TASK_CLOCK, .exclude_kernel = 1, .exclude_hv = 1};
    hf_autoclose int fd = (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);

    (void)arguments;
    return answer_of(fd);
}

static int user_faults(char *const *arguments)
{
    hf_autoclose int fd = (int)syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY | O_CLOEXEC);

    (void)arguments;
    return answer_of(fd);
}

static int traced_by_parent(char *const *arguments)
{
    (void)arguments;
    return answer_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int read_log(char *const *arguments)
{
    char text[64];

    (void)arguments;
    return answer_of(klogctl(3, text, sizeof(text))); /* SYSLOG_ACTION_READ_ALL */
}

static int load_module(char *const *arguments)
{
    (void)arguments;
    return refused_as(syscall(SYS_init_module, "", 0, ""), ENOEXEC);
}

static int load_kernel(char *const *arguments)
{
    (void)arguments;
    return refused_as(syscall(SYS_kexec_load, 0, 0, NULL, (unsigned long)UINT32_MAX), EINVAL);
}

/* Without its magic numbers it reboots nothing (reboot(2)). */
static int reboot_it(char *const *arguments)
{
    (void)arguments;
    return refused_as(syscall(SYS_reboot, 0, 0, 0, NULL), EINVAL);
}

static int swap_on(char *const *arguments)
{
    (void)arguments;
    return refused_as(swapon("/none", 0), ENOENT);
}

static int accounting(char *const *arguments)
{
    (void)arguments;
    return refused_as(acct("/none"), ENOENT);
}

/* Neither a time nor a zone: nothing is set. */
static int set_clock(char *const *arguments)
{
    (void)arguments;
    return answer_of(syscall(SYS_settimeofday, NULL, NULL));
}

static int name_host(char *const *arguments)
{
    char name[256];

    (void)arguments;
    return gethostname(name, sizeof(name)) < 0 ? errno : answer_of(sethostname(name, strlen(name)));
}

static int reach_ports(char *const *arguments)
{
    (void)arguments;
    return answer_of(ioperm(0x80, 1, 1));
}

static int watch_all_files(char *const *arguments)
{
    hf_autoclose int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);

    (void)arguments;
    return answer_of(fd);
}

const struct probe_attempt probe_attempts_kernel[] = {
    {"mount-in-user-namespace", mount_in_user_namespace, "a mount in new user and mount namespaces", true},
    {"mount-in-namespace", mount_in_namespace, "a mount in a new mount namespace", true},
    {"user-namespace-by-clone", user_namespace_by_clone, "clone(2) with CLONE_NEWUSER", false},
    {"user-namespace-by-dirty-flags", user_namespace_by_dirty_flags, "the same, with a bit in the high half", false},
    {"user-namespace-by-clone3", user_namespace_by_clone3, "clone3(2) with it", false},
    {"network-namespace", network_namespace, "unshare(2) with CLONE_NEWNET", true},
    {"join-namespace", join_namespace, "setns(2) by a file of /proc/PID/ns", true},
    {"chroot", change_root, "chroot(2)", true},
    {"pivot-root", pivot, "pivot_root(2) of a directory that is no mount", false},
    {"new-file-system", new_file_system, "fsopen(2), fsconfig(2) and fsmount(2) of a tmpfs", false},
    {"clone-tree", clone_tree, "open_tree(2) with OPEN_TREE_CLONE", false},
    {"mount-writable", mount_writable, "mount_setattr(2) of a directory that is no mount", false},
    {"unmount", unmount, "umount2(2) of a directory that is no mount", false},
    {"read-by-ring", read_by_ring, "opened by io_uring", true},
    {"write-by-ring", write_by_ring, "opened for writing by io_uring", true},
    {"packets-by-ring", packets_by_ring, "a packet socket by io_uring", true},
    {"packets-by-dirty-family", packets_by_dirty_family, "a packet socket, with bits in the high halves", false},
    {"socket-by-pair", socket_by_pair, "an Internet socket by socketpair(2)", true},
    {"read-by-x32", read_by_x32, "opened by its x32 number", true},
    {"read-by-int80", read_by_int80, "opened by int $0x80", true},
    {"type-into-terminal", type_into_terminal, "TIOCSTI on standard input", false},
    {"type-by-dirty-command", type_by_dirty_command, "the same, with a bit in the high half", false},
    {"paste-into-terminal", paste_into_terminal, "TIOCLINUX on standard input", false},
    {"keyring-of-parent", keyring_of_parent, "KEYCTL_SESSION_TO_PARENT", true},
    {"keyring-of-user", keyring_of_user, "a key in the user's keyring", false},
    {"list-keyring", list_keyring, "the number of the user's keyring", false},
    {"bpf-map", bpf_map, "a bpf(2) map", false},
    {"count-events", count_events, "perf_event_open(2) on oneself", false},
    {"user-faults", user_faults, "userfaultfd(2) for faults in user mode", false},
    {"traced-by-parent", traced_by_parent, "PTRACE_TRACEME", true},
    {"read-log", read_log, "the kernel's log by syslog(2)", false},
    {"load-module", load_module, "init_module(2), of nothing", false},
    {"load-kernel", load_kernel, "kexec_load(2), with unknown flags", false},
    {"reboot", reboot_it, "reboot(2), without its magic numbers", false},
    {"swap", swap_on, "swapon(2), of no file", false},
    {"accounting", accounting, "acct(2), to no file", false},
    {"set-clock", set_clock, "settimeofday(2), of nothing", false},
    {"name-host", name_host, "sethostname(2), to the name it has", false},
    {"reach-ports", reach_ports, "ioperm(2)", true},
    {"watch-all-files", watch_all_files, "fanotify_init(2) with permission events", false},
    {NULL, NULL, NULL, false},
};
