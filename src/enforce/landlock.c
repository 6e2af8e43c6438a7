/* Making, filling and enforcing the ruleset (landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2)). */
#include "enforce/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The attribute grew with the ABI, and an older kernel refuses (E2BIG) only a tail that is not zero, so that the newest
 * size is right for all: what a kernel does not know is not in the plan's sets. */
static int create_ruleset(const struct hf_plan *plan)
{
    const struct hf_landlock_ruleset_attr attribute = {
        .handled_access_fs = plan->handled_fs, .handled_access_net = plan->handled_net, .scoped = plan->scoped};

    return (int)syscall(HF_NR_LANDLOCK_CREATE_RULESET, &attribute, sizeof(attribute), 0U);
}

/* EBADFD: a pipe or a socket, such as /dev/stdout often leads to, which belongs to no file system that can be mounted.
 * Landlock restricts none of these (is_nouser_or_private() in security/landlock/fs.c): there is no rule to add. */
static bool add_path(int ruleset, int fd, const struct hf_opened *opened, enum hf_stage stage, struct hf_error *error)
{
    const struct hf_landlock_path_beneath_attr attribute = {.allowed_access = opened->access, .parent_fd = fd};

    if (syscall(HF_NR_LANDLOCK_ADD_RULE, ruleset, HF_LANDLOCK_RULE_PATH_BENEATH, &attribute, 0U) == 0 ||
        errno == EBADFD)
        return true;
    hf_fail(error, HF_LANDLOCK_FAILED, stage, errno, "landlock_add_rule %s", opened->rule->path);
    error->origin = opened->rule->origin;
    return false;
}

bool hf_landlock_make_ruleset(const struct hf_plan *plan, int *ruleset, struct hf_error *error)
{
    *ruleset = create_ruleset(plan);
    return *ruleset >= 0 || hf_fail(error, HF_LANDLOCK_FAILED, HF_STAGE_PREPARE, errno,
                                    "landlock_create_ruleset, ABI %d", plan->abi);
}

bool hf_landlock_grant(int ruleset, int fd, const struct hf_opened *opened, struct hf_error *error)
{
    return ruleset < 0 || opened->proc || add_path(ruleset, fd, opened, HF_STAGE_PREPARE, error);
}

static bool add_proc(const struct hf_opened *opened, int ruleset, struct hf_error *error)
{
    hf_autoclose int fd = open(opened->rule->path, O_PATH | O_CLOEXEC);

    if (fd >= 0)
        return add_path(ruleset, fd, opened, HF_STAGE_LANDLOCK, error);
    hf_fail(error, HF_PATH_UNUSABLE, HF_STAGE_LANDLOCK, errno, "%s, in the sandbox's own /proc", opened->rule->path);
    error->origin = opened->rule->origin;
    return false;
}

/* Whether a rule is for the directory that is open, by whatever path. */
static bool grants(const struct hf_prepared *prepared, int directory)
{
    struct stat status;

    if (fstat(directory, &status) < 0)
        return false;
    for (size_t i = 0; i < prepared->opened_count; i++)
        if (prepared->opened[i].dev == status.st_dev && prepared->opened[i].ino == status.st_ino)
            return true;
    return false;
}

/* What emulates the calls may say yes and do nothing: an open that must fail tells. Everybody may list /, unless it is
 * Landlock that denies it. */
static bool restricts(const struct hf_prepared *prepared)
{
    hf_autoclose int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return root >= 0 ? grants(prepared, root) : errno == EACCES;
}

bool hf_landlock_enforce(const struct hf_plan *plan, const struct hf_prepared *prepared, int ruleset, struct hf_error *error)
{
    if (!plan->landlock)
        return true;
    for (size_t i = 0; i < prepared->opened_count; i++)
        if (prepared->opened[i].proc && !add_proc(&prepared->opened[i], ruleset, error))
            return false;
    if (syscall(HF_NR_LANDLOCK_RESTRICT_SELF, ruleset, prepared->flags) < 0)
        return hf_fail(error, HF_LANDLOCK_FAILED, HF_STAGE_LANDLOCK, errno, "landlock_restrict_self");
    if (!restricts(prepared))
        return hf_fail(error, HF_LANDLOCK_INEFFECTIVE, HF_STAGE_LANDLOCK, 0, "/ can still be listed");
    return true;
}
