/* What the process itself is: capabilities, no_new_privs, ids, environment, descriptors. All of it asked of the kernel
 * by calls: a sandbox need not show /proc. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

/* Where to look for open descriptors. One can be above the limit (it was lowered afterwards), hence the least; the most
 * bounds the time where the limit is a million. */
#define FDS_LEAST 4096
#define FDS_MOST 65536

/* The bounding and the ambient set, a capability at a time up to the last that this kernel has (prctl(2)). */
static int read_sets(uint64_t *bounding, uint64_t *ambient)
{
    for (unsigned long capability = 0; capability < 64; capability++) {
        int bound = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        int raised;

        if (bound < 0)
            return errno == EINVAL && capability > 0 ? 0 : errno;
        raised = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0);
        if (raised < 0)
            return errno;
        *bounding |= (uint64_t)bound << capability;
        *ambient |= (uint64_t)raised << capability;
    }
    return 0;
}

int probe_caps(char *const *arguments, FILE *answer)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3] = {{0}};
    uint64_t bounding = 0, ambient = 0;
    const char *separator = "";
    int errnum;

    (void)arguments;
    if (syscall(SYS_capget, &header, half) < 0)
        return errno;
    errnum = read_sets(&bounding, &ambient);
    if (errnum)
        return errnum;

    const struct {
        const char *name;
        uint64_t set;
    } sets[] = {
        {"CapInh", half[0].inheritable | (uint64_t)half[1].inheritable << 32},
        {"CapPrm", half[0].permitted | (uint64_t)half[1].permitted << 32},
        {"CapEff", half[0].effective | (uint64_t)half[1].effective << 32},
        {"CapBnd", bounding},
        {"CapAmb", ambient},
    };

    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        if (!sets[i].set)
            continue;
        fprintf(answer, "%s%s=%016llx", separator, sets[i].name, (unsigned long long)sets[i].set);
        separator = ",";
    }
    if (!*separator)
        fputs("none", answer);
    return 0;
}

int probe_nnp(char *const *arguments, FILE *answer)
{
    int set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);

    (void)arguments;
    if (set < 0)
        return errno;
    fprintf(answer, "%d", set);
    return 0;
}

/* One number where the three agree. Where they do not, a drop was left half done, and that must be seen. */
static void print_ids(unsigned real, unsigned effective, unsigned saved, FILE *answer)
{
    if (real == effective && effective == saved)
        fprintf(answer, "%u:", real);
    else
        fprintf(answer, "%u/%u/%u:", real, effective, saved);
}

int probe_id(char *const *arguments, FILE *answer)
{
    uid_t user[3];
    gid_t group[3];
    int count = getgroups(0, NULL);
    hf_autofree gid_t *groups = NULL;

    (void)arguments;
    if (count < 0 || getresuid(&user[0], &user[1], &user[2]) < 0 || getresgid(&group[0], &group[1], &group[2]) < 0)
        return errno;
    groups = calloc((size_t)count + 1, sizeof(*groups));
    if (!groups)
        return ENOMEM;
    count = getgroups(count, groups);
    if (count < 0)
        return errno;
    print_ids(user[0], user[1], user[2], answer);
    print_ids(group[0], group[1], group[2], answer);
    for (int i = 0; i < count; i++)
        fprintf(answer, "%s%u", i ? "," : "", groups[i]);
    return 0;
}

int probe_env(char *const *arguments, FILE *answer)
{
    const char *value = getenv(arguments[0]);

    if (value)
        probe_encode(value, answer);
    else
        fputs("unset", answer);
    return 0;
}

/* One by one with F_GETFD, which answers for O_PATH descriptors too (poll(2) does not). */
int probe_fds(char *const *arguments, FILE *answer)
{
    struct rlimit limit;
    const char *separator = "";
    int end = FDS_MOST;

    (void)arguments;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return errno;
    if (limit.rlim_max < FDS_MOST)
        end = limit.rlim_max > FDS_LEAST ? (int)limit.rlim_max : FDS_LEAST;
    for (int fd = STDERR_FILENO + 1; fd < end; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            continue;
        fprintf(answer, "%s%d", separator, fd);
        separator = ",";
    }
    return 0;
}
