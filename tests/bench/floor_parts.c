/* The parts of the floor's sandbox, each as the runtime makes it. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "kernel/landlock_abi.h"

static struct sock_filter filter[] = {
#include "filter.inc"
};

#define FILE_RIGHTS                                                                                                     \
    (HF_FS_EXECUTE | HF_FS_WRITE_FILE | HF_FS_READ_FILE | HF_FS_TRUNCATE | HF_FS_IOCTL_DEV | HF_FS_RESOLVE_UNIX)
#define EVERYTHING UINT64_MAX

static struct {
    const char *path;
    uint64_t access;
    dev_t dev;
    ino_t ino;
} rules[] = {
    {.path = "/bin", .access = FLOOR_READ_ONLY},
    {.path = "/sbin", .access = FLOOR_READ_ONLY},
    {.path = "/lib", .access = FLOOR_READ_ONLY},
    {.path = "/lib32", .access = FLOOR_READ_ONLY},
    {.path = "/lib64", .access = FLOOR_READ_ONLY},
    {.path = "/usr", .access = FLOOR_READ_ONLY},
    {.path = "/etc", .access = FLOOR_READ_ONLY},
    {.path = "/opt", .access = FLOOR_READ_ONLY},
    {.path = "/sys", .access = FLOOR_READ_ONLY},
    {.path = "/dev/urandom", .access = FLOOR_READ_ONLY},
    {.path = "/dev/random", .access = FLOOR_READ_ONLY},
    {.path = "/dev/zero", .access = FLOOR_READ_ONLY},
    {.path = "/tmp", .access = EVERYTHING},
    {.path = "/dev/null", .access = EVERYTHING},
    {.path = "/dev/full", .access = EVERYTHING},
    {.path = "/dev/tty", .access = EVERYTHING},
    {.path = ".", .access = EVERYTHING},
};

#define RULE_COUNT (sizeof(rules) / sizeof(rules[0]))

bool floor_has_rule(const struct stat *status)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].dev == status->st_dev && rules[i].ino == status->st_ino)
            return true;
    return false;
}

/* The rights of each ABI are those of the one before and, at these, more (plan/rights.c). */
static uint64_t handled_files(long abi)
{
    const uint64_t last = abi < 2 ? HF_FS_MAKE_SYM : abi < 3 ? HF_FS_REFER : abi < 5 ? HF_FS_TRUNCATE
                          : abi < 9 ? HF_FS_IOCTL_DEV : HF_FS_RESOLVE_UNIX;

    return last * 2 - 1;
}

/* A file is not given a directory's rights, which the kernel would refuse: what it is is asked. NULL: it is a directory. */
void floor_add_rule(int ruleset, const char *path, uint64_t access, struct stat *status)
{
    const int fd = open(path, O_PATH | O_CLOEXEC);
    struct hf_landlock_path_beneath_attr rule = {.parent_fd = fd};

    if (fd < 0)
        return;
    must(!status || fstat(fd, status) == 0);
    rule.allowed_access = !status || S_ISDIR(status->st_mode) ? access : access & FILE_RIGHTS;
    must(syscall(HF_NR_LANDLOCK_ADD_RULE, ruleset, HF_LANDLOCK_RULE_PATH_BENEATH, &rule, 0U) == 0);
    close(fd);
}

/* The rule for /proc is made on the sandbox's own, wherever in the list the old one stands. */
static void look_at_proc(void)
{
    struct statfs filesystem;
    struct stat status;
    int fd;

    must(statfs("/proc", &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC && stat("/proc", &status) == 0);
    fd = open("/proc", O_PATH | O_CLOEXEC);
    must(fd >= 0 && fstat(fd, &status) == 0);
    close(fd);
}

int floor_make_ruleset(void)
{
    const long abi = syscall(HF_NR_LANDLOCK_CREATE_RULESET, NULL, 0UL, HF_LANDLOCK_CREATE_VERSION);
    const struct hf_landlock_ruleset_attr handled = {
        .handled_access_fs = handled_files(abi),
        .handled_access_net = abi < 4 ? 0 : abi < 10 ? HF_NET_BIND_TCP | HF_NET_CONNECT_TCP : 15,
        .scoped = abi < 6 ? 0 : HF_SCOPE_ABSTRACT_UNIX_SOCKET | HF_SCOPE_SIGNAL,
    };
    struct stat status = {0};
    int ruleset;

    must(abi > 0 && syscall(HF_NR_LANDLOCK_CREATE_RULESET, NULL, 0UL, HF_LANDLOCK_CREATE_ERRATA) >= 0);
    ruleset = (int)syscall(HF_NR_LANDLOCK_CREATE_RULESET, &handled, sizeof(handled), 0U);
    must(ruleset >= 0);
    look_at_proc();
    for (size_t i = 0; i < RULE_COUNT; i++) {
        floor_add_rule(ruleset, rules[i].path, rules[i].access & handled.handled_access_fs, &status);
        rules[i].dev = status.st_dev;
        rules[i].ino = status.st_ino;
    }
    return ruleset;
}

static void put(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);

    must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

void floor_map_ids(uid_t uid, gid_t gid)
{
    char map[64];

    put("/proc/self/setgroups", "deny");
    snprintf(map, sizeof(map), "%u %u 1\n", uid, uid);
    put("/proc/self/uid_map", map);
    snprintf(map, sizeof(map), "%u %u 1\n", gid, gid);
    put("/proc/self/gid_map", map);
}

void floor_bring_lo_up(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    must(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0);
    close(fd);
}

void floor_drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
    unsigned long capability;

    for (capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0;)
        capability++;
    must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 && syscall(SYS_capset, &header, sets) == 0);
    must(syscall(SYS_capget, &header, sets) == 0 && !sets[0].permitted && !sets[1].permitted);
    for (capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 0;)
        capability++;
    must(errno == EINVAL && capability > CAP_AUDIT_READ);
}

/* A socket of the outside as a standard stream would lead out. */
void floor_check_streams(void)
{
    struct stat status;

    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        must(fstat(fd, &status) < 0 || !S_ISSOCK(status.st_mode));
}

/* See enforce/rlimits.c on the 1. */
void floor_write_no_core(void)
{
    struct rlimit limit;

    must(getrlimit(RLIMIT_CORE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max = limit.rlim_max < 1 ? 0 : 1;
    must(setrlimit(RLIMIT_CORE, &limit) == 0);
}

void floor_load_filter(void)
{
    const struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};

    must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0U, &program) == 0);
}
