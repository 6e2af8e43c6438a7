/* A jump for each call, to one answer (seccomp(2), seccomp_unotify(2)). */
#include "enforce/listener.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS_MAX 64

/* Without the flag a signal interrupts a call that waits for its answer, and it is told again; kernels before 5.19 do not know
 * it. */
static int load(const struct sock_fprog *program)
{
    const int fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);

    if (fd >= 0 || errno != EINVAL)
        return fd;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, program);
}

int hf_listener_open(const int *calls, size_t count, struct hf_error *error)
{
    struct sock_filter code[CALLS_MAX + 3];
    struct sock_fprog program = {.filter = code};
    int fd;

    if (count > CALLS_MAX) {
        hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, E2BIG, "the observing filter");
        return -1;
    }
    /* Other architectures' numbers are the enforcing filter's business: it ends such a process. */
    code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < count; i++)
        code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i],
                                                          (uint8_t)(count - i), 0);
    code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    fd = load(&program);
    if (fd < 0)
        hf_fail(error, HF_SECCOMP_FAILED, HF_STAGE_SECCOMP, errno, "the observing filter");
    return fd;
}
