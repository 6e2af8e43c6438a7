/* The seccomp filters of the ABI ceiling, written as classic BPF: seccomp(2),
 * Documentation/userspace-api/seccomp_filter.rst. */
#include "abi_filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* x32 calls carry this bit. It is taken off, and the architecture is not looked at: the Landlock calls, as all from 424
 * on, have the same numbers in x86-64, x32 and i386. */
#define X32_BIT 0x40000000U

/* The low half of an argument (all flags and types here are 32 bits wide), on a little-endian machine. */
#define ARGUMENT(n) ((unsigned)offsetof(struct seccomp_data, args[n]))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define LOAD_NUMBER \
    LOAD((unsigned)offsetof(struct seccomp_data, nr)), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~X32_BIT)

/* As root it goes without no_new_privs, so that what runs below a ceiling is as it would be without; who may not do
 * that (EACCES) gets no_new_privs. Signals do not interrupt a call that is being answered: Landlock's calls never fail
 * with EINTR. Kernels before 5.19 do not have that flag. */
static int install(struct sock_filter *code, size_t length, unsigned flags)
{
    const struct sock_fprog program = {.len = (unsigned short)length, .filter = code};
    long answer = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

    if (answer < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        answer = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    if (answer < 0 && errno == EINVAL && (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV))
        return install(code, length, flags & ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
    return (int)answer;
}

bool abi_filter_refuse(int errnum)
{
    struct sock_filter code[] = {
        LOAD_NUMBER,
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, HF_NR_LANDLOCK_CREATE_RULESET, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, HF_NR_LANDLOCK_RESTRICT_SELF, 1, 0),
        RETURN(SECCOMP_RET_ERRNO | (unsigned)errnum),
        RETURN(SECCOMP_RET_ALLOW),
    };

    return install(code, sizeof(code) / sizeof(code[0]), 0) == 0;
}

int abi_filter_listen(const struct abi_level *level)
{
    /* Below ABI 4 a rule for a port is an unknown type, and the answer depends on memory; from 4 on it is known. */
    const unsigned port_rule = level->abi < 4 ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;
    /* An unknown flag of restrict_self is EINVAL at once from Linux 7.3 (ABI 11) on; before, EPERM may come first. */
    const unsigned unknown_flag =
        level->abi < 11 ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ERRNO | (unsigned)EINVAL;
    struct sock_filter code[] = {
        LOAD_NUMBER,
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HF_NR_LANDLOCK_ADD_RULE, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HF_NR_LANDLOCK_RESTRICT_SELF, 8, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HF_NR_LANDLOCK_CREATE_RULESET, 0, 10),
        RETURN(SECCOMP_RET_USER_NOTIF),
        /* landlock_add_rule(ruleset, type, attribute, flags) */
        LOAD(ARGUMENT(3)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, ~level->add_rule_flags, 3, 0),
        LOAD(ARGUMENT(1)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HF_LANDLOCK_RULE_NET_PORT, 0, 5),
        RETURN(port_rule),
        RETURN(SECCOMP_RET_ERRNO | (unsigned)EINVAL),
        /* landlock_restrict_self(ruleset, flags) */
        LOAD(ARGUMENT(1)),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, ~level->restrict_flags, 0, 1),
        RETURN(unknown_flag),
        RETURN(SECCOMP_RET_ALLOW),
    };

    return install(code, sizeof(code) / sizeof(code[0]),
                   SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}
