/* The proxy may read what the resolution of names needs, and nothing else; the porter has no Landlock domain, for in one it
 * could not read what processes outside of it have open (Documentation/userspace-api/landlock.rst, "Ptrace restrictions"). */
#include "launch/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "enforce/capabilities.h"
#include "plan/rights.h"

#define READ (HF_FS_READ_FILE | HF_FS_READ_DIR)
#define ASK (READ | HF_FS_RESOLVE_UNIX)

/* Folders rather than files, which are replaced while a run lasts: /etc/resolv.conf on each change of the network. */
static const struct {
    const char *path;
    uint64_t access;
} granted[] = {
    {"/etc", READ},
    /* the modules of nsswitch.conf and their libraries */
    {"/usr", READ},
    {"/lib", READ},
    {"/lib32", READ},
    {"/lib64", READ},
    /* where /etc/resolv.conf may lead to, and the sockets of those who know names */
    {"/run/resolvconf", READ},
    {"/run/NetworkManager", READ},
    {"/run/connman", READ},
    {"/mnt/wsl", READ},
    {"/run/systemd/resolve", ASK},
    {"/run/nscd", ASK},
    {"/run/avahi-daemon", ASK},
    {"/var/lib/sss", ASK},
    {"/var/lib/misc", READ},
    {"/dev/urandom", HF_FS_READ_FILE},
    /* the file itself, wherever it is */
    {"/etc/resolv.conf", HF_FS_READ_FILE},
    {"/etc/hosts", HF_FS_READ_FILE},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Who is to be somebody else was found to have what that takes: not asked again, it cannot be denied. A process of the same
 * user must not read or trace the one that may use the network. */
static bool give_up_privileges(const struct hf_launch *launch, struct hf_error *error)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) < 0)
        return hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, errno, "core, of the proxy");
    if (launch->identity->change || hf_identity_privileged(launch->identity) ? !hf_identity_drop(launch->identity, error)
                                                                             : !hf_capabilities_drop_sets(error))
        return false;
    return (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
            prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) ||
           hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "giving up the proxy's privileges");
}

/* Two descriptors a tunnel, or one for each process of the sandbox: what the caller's soft limit is, is not what these may need.
 * Best effort, for both do with what there is. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool grant(int ruleset, const char *path, uint64_t access, struct hf_error *error)
{
    hf_autoclose int fd = open(path, O_PATH | O_CLOEXEC);
    struct hf_landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    struct stat status;

    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return true; /* nothing to be read there */
    if (fd >= 0 && fstat(fd, &status) == 0) {
        if (!S_ISDIR(status.st_mode))
            rule.allowed_access &= hf_rights_for_file();
        if (syscall(HF_NR_LANDLOCK_ADD_RULE, ruleset, HF_LANDLOCK_RULE_PATH_BENEATH, &rule, 0U) == 0)
            return true;
    }
    return hf_fail(error, HF_LANDLOCK_FAILED, HF_STAGE_PREPARE, errno, "landlock_add_rule, of the proxy, for %s", path);
}

/* Whom it connects to by TCP is the policy's affair, and an address' port says nothing of that. */
bool hf_confine_prepare(const struct hf_plan *plan, int *ruleset, struct hf_error *error)
{
    const struct hf_landlock_ruleset_attr handled = {
        .handled_access_fs = hf_rights_of(HF_RIGHT_FS, plan->abi),
        .handled_access_net = hf_rights_of(HF_RIGHT_NET, plan->abi) & HF_NET_BIND_TCP,
        .scoped = hf_rights_of(HF_RIGHT_SCOPE, plan->abi),
    };

    *ruleset = -1;
    if (plan->mode == HF_MODE_BLOCK || !plan->landlock)
        return true;
    *ruleset = (int)syscall(HF_NR_LANDLOCK_CREATE_RULESET, &handled, sizeof(handled), 0U);
    if (*ruleset < 0)
        return hf_fail(error, HF_LANDLOCK_FAILED, HF_STAGE_PREPARE, errno, "landlock_create_ruleset, of the proxy");
    for (size_t i = 0; i < COUNT(granted); i++)
        if (!grant(*ruleset, granted[i].path, granted[i].access & handled.handled_access_fs, error))
            return false;
    return true;
}

bool hf_confine(enum hf_own_process who, const struct hf_launch *launch, int ruleset, struct hf_error *error)
{
    raise_descriptor_limit();
    if (!give_up_privileges(launch, error))
        return false;
    if (ruleset >= 0 && (syscall(HF_NR_LANDLOCK_RESTRICT_SELF, ruleset, 0U) < 0 || close(ruleset) < 0))
        return hf_fail(error, HF_LANDLOCK_FAILED, HF_STAGE_LANDLOCK, errno, "landlock_restrict_self, of the proxy");
    return hf_own_filter_load(who, error);
}
