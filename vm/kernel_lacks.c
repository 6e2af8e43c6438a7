/* What a kernel lacks. */
#include "kernel_lacks.h"

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* SECCOMP_GET_ACTION_AVAIL (seccomp(2), 4.14): ENOSYS where the call is not built, EINVAL without filters. */
static bool has_seccomp_filters(void)
{
    const uint32_t action = SECCOMP_RET_ERRNO;

    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &action) == 0;
}

void kernel_lacks(FILE *out)
{
    /* namespaces(7): a kernel has the file if it has the namespace. */
    static const struct {
        const char *path;
        const char *name;
    } namespaces[] = {
        {"/proc/self/ns/user", "user%20namespaces"},
        {"/proc/self/ns/pid", "PID%20namespaces"},
        {"/proc/self/ns/net", "network%20namespaces"},
        {"/proc/self/ns/ipc", "IPC%20namespaces"},
    };
    const char *before = " lacks=";

    if (!has_seccomp_filters()) {
        fprintf(out, "%sseccomp%%20filters", before);
        before = ",";
    }
    for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
        if (access(namespaces[i].path, F_OK) == 0)
            continue;
        fprintf(out, "%s%s", before, namespaces[i].name);
        before = ",";
    }
}
