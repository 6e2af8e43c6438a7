/* Answering a Landlock call in the place of an older kernel, over a seccomp listener (seccomp_unotify(2)).
 *
 * A ruleset is not made by the caller, who could change its attribute between the look and the use: it is made here
 * from the bytes that were looked at, and its descriptor is put into the caller (SECCOMP_IOCTL_NOTIF_ADDFD). A ruleset
 * does not depend on who made it. Calls that do go on in the kernel can only fail there. */
#include "abi_answer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What a caller gets whose memory may not be read. No Landlock call gives it: it is not taken for a kernel's. */
#define UNREADABLE EIO

struct call {
    int listener;
    const struct abi_level *level;
    struct seccomp_notif request;
};

/* A caller that died meanwhile is no error of anybody's. */
static void respond(const struct call *call, int64_t value, int errnum, uint32_t flags)
{
    struct seccomp_notif_resp response = {
        .id = call->request.id, .val = value, .error = -errnum, .flags = flags};

    if (ioctl(call->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 && errno != ENOENT)
        perror("abi-ceiling: cannot answer a call");
}

static void fail(const struct call *call, int errnum)
{
    respond(call, 0, errnum, 0);
}

static void leave_to_kernel(const struct call *call)
{
    respond(call, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

/* Reads the caller's memory up to the first byte that is not there; -1 when it may not be read at all (the caller is
 * not dumpable, and this process has no CAP_SYS_PTRACE over it: ptrace(2)). A process id says nothing once its process
 * is gone, hence the look at the call's id after the reading. */
static ssize_t read_memory(const struct call *call, uint64_t address, void *into, size_t length)
{
    const struct iovec here = {into, length};
    const struct iovec there = {(void *)(uintptr_t)address, length};
    ssize_t got = process_vm_readv((pid_t)call->request.pid, &here, 1, &there, 1, 0);

    if (got < 0 && errno == EFAULT)
        got = 0;
    if (got < 0 && errno != ESRCH)
        fprintf(stderr, "abi-ceiling: cannot read the memory of process %u: %s; its Landlock call fails with %s\n",
                call->request.pid, strerror(errno), strerrorname_np(UNREADABLE));
    if (ioctl(call->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->request.id) < 0)
        return -1;
    return got;
}

static void make_ruleset(const struct call *call, const struct abi_attr *attr)
{
    struct landlock_full_attr known;
    const int error = abi_attr_check(call->level, attr, &known);
    hf_autoclose int ruleset =
        error ? -1 : (int)syscall(HF_NR_LANDLOCK_CREATE_RULESET, &known, call->level->attr_size, 0U);
    struct seccomp_notif_addfd handover = {.id = call->request.id,
                                           .flags = SECCOMP_ADDFD_FLAG_SEND,
                                           .srcfd = (uint32_t)ruleset,
                                           .newfd_flags = O_CLOEXEC};

    if (ruleset < 0)
        fail(call, error ? error : errno);
    else if (ioctl(call->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &handover) < 0)
        fail(call, errno);
}

static void create_ruleset(const struct call *call)
{
    const __u64 *args = call->request.data.args;
    struct abi_attr attr = {.address = args[0], .size = args[1]};
    const size_t wanted = abi_attr_wanted(&attr);
    ssize_t got = 0;

    if (wanted && (got = read_memory(call, attr.address, attr.bytes, wanted)) < 0) {
        fail(call, UNREADABLE);
        return;
    }
    attr.readable = (size_t)got;
    make_ruleset(call, &attr);
}

/* The errata are those of the kernel that does the work, as far as they can be told of this ABI: a ceiling takes rights
 * away, it does not bring bugs back. A kernel too old for the question refuses it itself. */
static void query(const struct call *call)
{
    const __u64 *args = call->request.data.args;
    const uint32_t flags = (uint32_t)args[2];

    if (args[0] || args[1] || (flags != HF_LANDLOCK_CREATE_VERSION && flags != HF_LANDLOCK_CREATE_ERRATA)) {
        fail(call, EINVAL);
    } else if (flags == HF_LANDLOCK_CREATE_VERSION) {
        respond(call, call->level->abi, 0, 0);
    } else {
        const long errata = syscall(HF_NR_LANDLOCK_CREATE_RULESET, NULL, (size_t)0, flags);

        respond(call, errata < 0 ? 0 : errata & call->level->errata, errata < 0 ? errno : 0, 0);
    }
}

/* Rule type NET_PORT where the ceiling does not know it. No ruleset under such a ceiling handles ports, so that the
 * kernel itself answers EBADF, EBADFD or EINVAL as the older one would, unless it looks at the attribute first: EFAULT,
 * ENOMSG. */
static void add_port_rule(const struct call *call)
{
    struct hf_landlock_net_port_attr attr;
    const ssize_t got = read_memory(call, call->request.data.args[2], &attr, sizeof(attr));

    if (got == sizeof(attr) && attr.allowed_access)
        leave_to_kernel(call);
    else
        fail(call, EINVAL);
}

/* Whether the caller has what landlock_restrict_self(2) asks for: no_new_privs, or CAP_SYS_ADMIN where it is. */
static bool may_restrict(const struct call *call)
{
    unsigned long long effective = 0;
    int no_new_privs = 0;
    char path[64], line[256];
    FILE *status;

    snprintf(path, sizeof(path), "/proc/%u/status", call->request.pid);
    status = fopen(path, "re");
    while (status && fgets(line, sizeof(line), status)) {
        sscanf(line, "CapEff: %llx", &effective);
        sscanf(line, "NoNewPrivs: %d", &no_new_privs);
    }
    if (status)
        fclose(status);
    return no_new_privs || (effective & (1ULL << CAP_SYS_ADMIN));
}

bool abi_answer(int listener, const struct abi_level *level)
{
    struct call call = {.listener = listener, .level = level};

    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call.request) < 0)
        return errno == ENOENT || errno == EINTR; /* ENOENT: it died while it waited */
    if ((call.request.data.nr & 0xfff) == HF_NR_LANDLOCK_RESTRICT_SELF)
        fail(&call, may_restrict(&call) ? EINVAL : EPERM);
    else if ((call.request.data.nr & 0xfff) == HF_NR_LANDLOCK_ADD_RULE)
        add_port_rule(&call);
    else if ((uint32_t)call.request.data.args[2])
        query(&call);
    else
        create_ruleset(&call);
    return true;
}
