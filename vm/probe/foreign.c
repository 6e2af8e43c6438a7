/* Calls by another architecture's numbers, which a filter written for x86-64 alone lets pass. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

#ifdef __x86_64__

#define I386_GETPID 20              /* arch/x86/entry/syscalls/syscall_32.tbl */
#define X32_SYSCALL_BIT 0x40000000L /* arch/x86/include/uapi/asm/unistd.h */

static int by_interrupt(const void *data)
{
    long result;

    (void)data;
    /* The 64-bit kernel does not keep r8 to r11 over int $0x80 (arch/x86/entry/entry_64_compat.S; older ones clear
     * them). */
    __asm__ volatile("int $0x80" : "=a"(result) : "0"((long)I386_GETPID) : "r8", "r9", "r10", "r11", "memory", "cc");
    if ((int)result < 0)
        return -(int)result;
    return (int)result == getpid() ? 0 : EPROTO;
}

static int by_x32(const void *data)
{
    (void)data;
    return syscall(X32_SYSCALL_BIT | SYS_getpid) < 0 ? errno : 0;
}

#else /* no other numbers to call by */

static int by_interrupt(const void *data)
{
    (void)data;
    return ENOSYS;
}

static int by_x32(const void *data)
{
    (void)data;
    return ENOSYS;
}

#endif

int probe_int80(char *const *arguments, FILE *answer)
{
    (void)arguments;
    return probe_in_child(by_interrupt, NULL, answer);
}

int probe_x32(char *const *arguments, FILE *answer)
{
    (void)arguments;
    return probe_in_child(by_x32, NULL, answer);
}
