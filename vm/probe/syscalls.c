/* Calls that a sandbox's filter should stop, as a table: is each one let through to the kernel?
 *
 * Every row's arguments are such that the kernel, once it has the call, takes it without harm or refuses it with one
 * errno that no filter gives, and does so before it asks for privileges wherever it looks at its arguments first. So an
 * ordinary user's control run is `ok` too, except for the rows marked "asks for privileges first". What a row says is
 * whether the call is stopped on its way, not what a caller with other arguments could do. Pointers are always good. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

/* Newer than the headers: arch/x86/entry/syscalls/syscall_64.tbl, Linux 6.15. */
#define NR_OPEN_TREE_ATTR 467
/* Far above the last one and without the x32 bit. A filter must answer ENOSYS to what it does not know, as the kernel
 * does: libraries fall back on that, and break on EPERM. */
#define NR_NO_SUCH_CALL 2000

#define IN(pointer) ((uintptr_t)(pointer))
#define NO_FD ((uintptr_t)-2) /* not -1, which io_uring_register takes for "no ring" since 6.13 */
#define ALL_BITS UINT32_MAX   /* flags that no kernel has all of */

static const union bpf_attr no_map = {.map_fd = UINT32_MAX};
static const struct io_uring_params plain_ring = {0};
static const struct perf_event_attr plain_event = {.size = PERF_ATTR_SIZE_VER0};
static const struct mount_attr no_attribute = {0};
static const struct clone_args in_user_namespace = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};

static const struct call {
    const char *name;
    long number;
    uintptr_t arguments[6];
    int refusal; /* with this errno the kernel has entertained it; 0: it succeeds */
    const char *what;
} calls[] = {
    {"ptrace", SYS_ptrace, {PTRACE_TRACEME}, 0, "a child asks to be traced by its parent"},
    {"process_vm_readv", SYS_process_vm_readv, {1, IN(""), 0, IN(""), 0, 1}, EINVAL, "unknown flags"},
    {"process_vm_writev", SYS_process_vm_writev, {1, IN(""), 0, IN(""), 0, 1}, EINVAL, "unknown flags"},
    {"pidfd_getfd", SYS_pidfd_getfd, {NO_FD, 0, 0}, EBADF, "no such pidfd"},
    {"bpf", SYS_bpf, {BPF_MAP_LOOKUP_ELEM, IN(&no_map), sizeof(no_map)}, EBADF,
     "no such map; before 5.19 asks for privileges first"},
    /* User faults only is what 5.11 and later allow everybody; a kernel before it does not know the flag. */
    {"userfaultfd", SYS_userfaultfd, {UFFD_USER_MODE_ONLY | O_CLOEXEC}, EINVAL, "for faults in user mode only"},
    {"io_uring_setup", SYS_io_uring_setup, {0, IN(&plain_ring)}, EINVAL, "no entries"},
    {"io_uring_enter", SYS_io_uring_enter, {NO_FD, 0, 0, 0, 0, 0}, EBADF, "no such ring"},
    {"io_uring_register", SYS_io_uring_register, {NO_FD, IORING_UNREGISTER_BUFFERS, 0, 0}, EBADF, "no such ring"},
    {"perf_event_open", SYS_perf_event_open, {IN(&plain_event), 0, NO_FD, NO_FD, UINTPTR_MAX}, EINVAL, "unknown flags"},
    {"mount", SYS_mount, {IN("none"), IN(""), IN("tmpfs"), 0, 0}, ENOENT, "on an empty path"},
    {"umount2", SYS_umount2, {IN(""), ALL_BITS}, EINVAL, "unknown flags"},
    {"pivot_root", SYS_pivot_root, {IN(""), IN("")}, ENOENT, "to an empty path; before 7.0 asks for privileges first"},
    {"fsopen", SYS_fsopen, {IN("tmpfs"), FSOPEN_CLOEXEC}, 0, "a tmpfs; asks for privileges first"},
    {"fsconfig", SYS_fsconfig, {NO_FD, FSCONFIG_CMD_CREATE, 0, 0, 0}, EINVAL, "a negative descriptor"},
    {"fsmount", SYS_fsmount, {NO_FD, 0, 0}, EBADF, "no such context; asks for privileges first"},
    {"fspick", SYS_fspick, {(uintptr_t)AT_FDCWD, IN(""), 0}, ENOENT, "an empty path; asks for privileges first"},
    {"move_mount", SYS_move_mount, {NO_FD, IN(""), NO_FD, IN(""), ALL_BITS}, EINVAL,
     "unknown flags; asks for privileges first"},
    {"open_tree", SYS_open_tree, {NO_FD, IN(""), ALL_BITS}, EINVAL, "unknown flags"},
    {"open_tree_attr", NR_OPEN_TREE_ATTR, {NO_FD, IN(""), ALL_BITS, IN(&no_attribute), sizeof(no_attribute)}, EINVAL,
     "unknown flags; ENOSYS before 6.15"},
    {"mount_setattr", SYS_mount_setattr, {NO_FD, IN(""), ALL_BITS, IN(&no_attribute), sizeof(no_attribute)}, EINVAL,
     "unknown flags; ENOSYS before 5.12"},
    {"keyctl", SYS_keyctl, {KEYCTL_GET_KEYRING_ID, (uintptr_t)KEY_SPEC_THREAD_KEYRING, 0}, ENOKEY,
     "the thread's keyring, which is not made"},
    {"add_key", SYS_add_key, {IN("holdfast"), IN("probe"), 0, 0, 0}, EINVAL, "to no keyring"},
    {"request_key", SYS_request_key, {IN("holdfast"), IN("probe"), 0, 0}, ENOKEY, "of no known type"},
    {"memfd_create", SYS_memfd_create, {IN("probe"), MFD_CLOEXEC}, 0, "a file in memory"},
    {"setns", SYS_setns, {NO_FD, 0}, EBADF, "no such namespace"},
    {"unshare-user", SYS_unshare, {CLONE_NEWUSER}, 0, "a user namespace"},
    {"clone-user", SYS_clone, {CLONE_NEWUSER | SIGCHLD}, 0, "a process in a user namespace"},
    {"clone3-user", SYS_clone3, {IN(&in_user_namespace), sizeof(in_user_namespace)}, 0,
     "a process in a user namespace"},
    {"tiocsti", SYS_ioctl, {NO_FD, TIOCSTI, IN("")}, EBADF, "no such terminal"},
    {"tioclinux", SYS_ioctl, {NO_FD, TIOCLINUX, IN("")}, EBADF, "no such terminal"},
    {"init_module", SYS_init_module, {IN(""), 0, IN("")}, ENOEXEC, "an empty module; asks for privileges first"},
    {"delete_module", SYS_delete_module, {IN(""), 0}, ENOENT, "without a name; asks for privileges first"},
    {"kexec_load", SYS_kexec_load, {0, 0, 0, ALL_BITS}, EINVAL, "unknown flags; asks for privileges first"},
    {"no-such-call", NR_NO_SUCH_CALL, {0}, 0, "a number above all: ENOSYS is the right answer"},
};

static const struct call *find(const char *name)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (strcmp(calls[i].name, name) == 0)
            return &calls[i];
    return NULL;
}

bool probe_syscall_known(const char *name)
{
    return find(name) != NULL;
}

void probe_syscall_help(FILE *stream)
{
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        fprintf(stream, "  %-26s%s\n", calls[i].name, calls[i].what);
}

/* In the child; the two cloning rows return twice, and both processes go on to exit with 0. */
static int make(const void *data)
{
    const struct call *call = data;
    const uintptr_t *with = call->arguments;
    long result = syscall(call->number, with[0], with[1], with[2], with[3], with[4], with[5]);
    int errnum = result < 0 ? errno : 0;

    while (wait(NULL) > 0)
        ;
    return errnum == call->refusal ? 0 : errnum;
}

int probe_syscall(char *const *arguments, FILE *answer)
{
    return probe_in_child(make, find(arguments[0]), answer);
}
