/* Valgrind runs a program without giving the kernel all of its calls. */
#ifndef HF_TESTS_UNIT_VALGRIND_H
#define HF_TESTS_UNIT_VALGRIND_H

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* It knows neither this call nor Landlock's. */
static inline bool is_below_valgrind(void)
{
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &(uint32_t){SECCOMP_RET_ERRNO}) < 0 && errno == ENOSYS;
}

#endif
