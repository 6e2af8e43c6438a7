/* Attempts on processes that are not the command's: the caller's, the supervisor, the sandbox's init.
 *
 * Whom: $HF_OUTSIDE_PID, a process outside of the same user, by the number that it has there, and then every process that
 * /proc shows but for the probe itself. One that is got at is enough. An errno of a process that is there counts more than
 * one that says that none is. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/kcmp.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

#define GET_MNT_NAMESPACE _IO(0xff, 3) /* PIDFD_GET_MNT_NAMESPACE: include/uapi/linux/pidfd.h, Linux 6.11 */

typedef int on_process(pid_t pid);

static int answer_of(long result)
{
    return result < 0 ? errno : 0;
}

static pid_t number_of(const char *text)
{
    char *end;
    const long pid = text ? strtol(text, &end, 10) : 0;

    return text && *text && *end == '\0' && pid > 0 && pid == (pid_t)pid ? (pid_t)pid : 0;
}

static int on_outside(on_process *attempt)
{
    const pid_t pid = number_of(getenv("HF_OUTSIDE_PID"));

    return pid ? attempt(pid) : EINVAL;
}

static int on_any(on_process *attempt)
{
    int said = on_outside(attempt);
    DIR *processes = said ? opendir("/proc") : NULL;
    const struct dirent *entry;

    while (said && processes && (entry = readdir(processes))) {
        const pid_t pid = number_of(entry->d_name);
        const int errnum = pid && pid != getpid() ? attempt(pid) : ESRCH;

        if (errnum == 0 || (errnum != ESRCH && errnum != ENOENT))
            said = errnum;
    }
    if (processes)
        closedir(processes);
    return said;
}

/* Let go at once: it runs on as before. */
static int let_go(pid_t pid)
{
    waitpid(pid, NULL, __WALL);
    return answer_of(ptrace(PTRACE_DETACH, pid, NULL, NULL));
}

static int attach(pid_t pid)
{
    return ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0 ? errno : let_go(pid);
}

static int seize(pid_t pid)
{
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 || ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
        return errno;
    return let_go(pid);
}

/* Where nothing is mapped: EFAULT is what the kernel says after it has let the caller in. */
static int across(pid_t pid, bool writing)
{
    char byte = 0;
    const struct iovec here = {&byte, 1}, there = {NULL, 1};
    const ssize_t moved = writing ? process_vm_writev(pid, &here, 1, &there, 1, 0)
                                  : process_vm_readv(pid, &here, 1, &there, 1, 0);

    return moved < 0 && errno != EFAULT ? errno : 0;
}

static int memory_read(pid_t pid)
{
    return across(pid, false);
}

static int memory_write(pid_t pid)
{
    return across(pid, true);
}

static int in_proc(pid_t pid, const char *name, int flags)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    return open(path, flags | O_CLOEXEC | O_NONBLOCK);
}

static int open_in_proc(pid_t pid, const char *name, int flags)
{
    hf_autoclose int fd = in_proc(pid, name, flags);

    return answer_of(fd);
}

static int memory_file(pid_t pid)
{
    return open_in_proc(pid, "mem", O_RDWR);
}

static int its_root(pid_t pid)
{
    return open_in_proc(pid, "root/mnt", O_RDONLY | O_DIRECTORY);
}

static int its_directory(pid_t pid)
{
    return open_in_proc(pid, "cwd/.", O_RDONLY | O_DIRECTORY);
}

static int its_descriptors(pid_t pid)
{
    return open_in_proc(pid, "fd/0", O_RDONLY);
}

static int its_program(pid_t pid)
{
    return open_in_proc(pid, "exe", O_RDONLY);
}

static int its_environment(pid_t pid)
{
    return open_in_proc(pid, "environ", O_RDONLY);
}

/* Some kernels (5.10.262) say 0 where they mean EACCES, and what is opened then is the folder ns (commit 6650527444da, "proc:
 * protect ptrace_may_access() with exec_update_lock", and the one that mends it). */
static int its_namespace(pid_t pid)
{
    hf_autoclose int fd = in_proc(pid, "ns/mnt", O_RDONLY);

    return fd < 0 ? errno : answer_of(ioctl(fd, NS_GET_NSTYPE));
}

static int descriptor_of(pid_t pid)
{
    hf_autoclose int process = (int)syscall(SYS_pidfd_open, pid, 0);
    hf_autoclose int fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, 0, 0);

    return answer_of(process < 0 ? process : fd);
}

static int namespace_by_pidfd(pid_t pid)
{
    hf_autoclose int process = (int)syscall(SYS_pidfd_open, pid, 0);
    hf_autoclose int fd = process < 0 ? -1 : ioctl(process, GET_MNT_NAMESPACE, 0);

    return answer_of(process < 0 ? process : fd);
}

static int compare(pid_t pid)
{
    return answer_of(syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0));
}

static int robust_list(pid_t pid)
{
    struct robust_list_head *head;
    size_t size;

    return answer_of(syscall(SYS_get_robust_list, pid, &head, &size));
}

static int signal_it(pid_t pid)
{
    return answer_of(kill(pid, 0));
}

static int signal_thread(pid_t pid)
{
    return answer_of(syscall(SYS_tgkill, pid, pid, 0));
}

static int signal_queued(pid_t pid)
{
    return answer_of(sigqueue(pid, 0, (union sigval){.sival_int = 0}));
}

static int signal_by_pidfd(pid_t pid)
{
    hf_autoclose int process = (int)syscall(SYS_pidfd_open, pid, 0);

    return process < 0 ? errno : answer_of(syscall(SYS_pidfd_send_signal, process, 0, NULL, 0));
}

/* Whoever owns a descriptor gets SIGIO or SIGURG by what happens on it (fcntl(2)). */
static int signal_as_owner(pid_t pid)
{
    hf_autoclose int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

    return answer_of(fcntl(fd, F_SETOWN, pid));
}

static int limits(pid_t pid)
{
    struct rlimit limit;

    return prlimit(pid, RLIMIT_NOFILE, NULL, &limit) < 0 ? errno : answer_of(prlimit(pid, RLIMIT_NOFILE, &limit, NULL));
}

static int priority(pid_t pid)
{
    return answer_of(setpriority(PRIO_PROCESS, (id_t)pid, 19));
}

static int io_priority(pid_t pid)
{
    return answer_of(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)));
}

static int affinity(pid_t pid)
{
    cpu_set_t set;

    return sched_getaffinity(pid, sizeof(set), &set) < 0 ? errno : answer_of(sched_setaffinity(pid, sizeof(set), &set));
}

#define ON_ANY(name, attempt)                  \
    static int name(char *const *arguments)    \
    {                                          \
        (void)arguments;                       \
        return on_any(attempt);                \
    }

#define ON_OUTSIDE(name, attempt)              \
    static int name(char *const *arguments)    \
    {                                          \
        (void)arguments;                       \
        return on_outside(attempt);            \
    }

ON_ANY(try_attach, attach)
ON_ANY(try_seize, seize)
ON_ANY(try_memory_read, memory_read)
ON_ANY(try_memory_write, memory_write)
ON_ANY(try_memory_file, memory_file)
ON_ANY(try_root, its_root)
ON_ANY(try_directory, its_directory)
ON_ANY(try_descriptors, its_descriptors)
ON_ANY(try_program, its_program)
ON_ANY(try_environment, its_environment)
ON_ANY(try_namespace, its_namespace)
ON_ANY(try_descriptor, descriptor_of)
ON_ANY(try_namespace_by_pidfd, namespace_by_pidfd)
ON_ANY(try_compare, compare)
ON_ANY(try_robust_list, robust_list)
ON_OUTSIDE(try_signal, signal_it)
ON_OUTSIDE(try_signal_thread, signal_thread)
ON_OUTSIDE(try_signal_queued, signal_queued)
ON_OUTSIDE(try_signal_pidfd, signal_by_pidfd)
ON_OUTSIDE(try_signal_owner, signal_as_owner)
ON_OUTSIDE(try_limits, limits)
ON_OUTSIDE(try_priority, priority)
ON_OUTSIDE(try_io_priority, io_priority)
ON_OUTSIDE(try_affinity, affinity)

const struct probe_attempt probe_attempts_processes[] = {
    {"ptrace-attach", try_attach, "PTRACE_ATTACH to a process that is not the command's", false},
    {"ptrace-seize", try_seize, "PTRACE_SEIZE of one", false},
    {"memory-read", try_memory_read, "process_vm_readv(2) from one", false},
    {"memory-write", try_memory_write, "process_vm_writev(2) to one", false},
    {"memory-file", try_memory_file, "open /proc/PID/mem of one for writing", false},
    {"its-root", try_root, "a directory below /proc/PID/root of one", false},
    {"its-directory", try_directory, "the directory /proc/PID/cwd of one", false},
    {"its-descriptors", try_descriptors, "open /proc/PID/fd/0 of one", false},
    {"its-program", try_program, "open /proc/PID/exe of one", false},
    {"its-environment", try_environment, "open /proc/PID/environ of one", false},
    {"its-namespace", try_namespace, "open /proc/PID/ns/mnt of one", false},
    {"its-descriptor", try_descriptor, "pidfd_getfd(2) from one", false},
    {"its-namespace-by-pidfd", try_namespace_by_pidfd, "PIDFD_GET_MNT_NAMESPACE of one", false},
    {"compare", try_compare, "kcmp(2) with one", false},
    {"robust-list", try_robust_list, "get_robust_list(2) of one", false},
    {"signal", try_signal, "kill(2) the process outside", false},
    {"signal-thread", try_signal_thread, "tgkill(2) it", false},
    {"signal-queued", try_signal_queued, "sigqueue(3) to it", false},
    {"signal-by-pidfd", try_signal_pidfd, "pidfd_send_signal(2) to it", false},
    {"signal-as-owner", try_signal_owner, "make it the owner of a descriptor (F_SETOWN), to be sent SIGIO", false},
    {"limits", try_limits, "set a resource limit of it by prlimit(2)", false},
    {"priority", try_priority, "set its priority", false},
    {"io-priority", try_io_priority, "set its I/O priority", false},
    {"affinity", try_affinity, "bind it to processors", false},
    {NULL, NULL, NULL, false},
};
