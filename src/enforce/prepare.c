/* Opening the plan's paths and building the ruleset from them, as the caller. */
#include "enforce/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "enforce/landlock.h"

/* The path is not there for this caller, as opposed to: this machine is short of something. */
static bool means_missing(int errnum)
{
    return errnum == ENOENT || errnum == ENOTDIR || errnum == EACCES || errnum == ELOOP || errnum == ENAMETOOLONG;
}

/* The device number of /proc, which stands for a file system that the sandbox has anew; 0, which no file has, where there is
 * none. Asked once: statfs(2) for each rule doubles what opening it takes. */
static dev_t proc_device(void)
{
    struct statfs filesystem;
    struct stat status;

    if (statfs("/proc", &filesystem) < 0 || filesystem.f_type != PROC_SUPER_MAGIC || stat("/proc", &status) < 0)
        return 0;
    return status.st_dev;
}

/* Returns the descriptor, or -1. */
static int open_rule(const struct hf_rule *rule, dev_t proc, struct hf_opened *opened)
{
    struct stat status;
    hf_autoclose int fd = open(rule->path, O_PATH | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) < 0)
        return -1;
    *opened = (struct hf_opened){
        .dev = status.st_dev,
        .ino = status.st_ino,
        .access = S_ISDIR(status.st_mode) ? rule->access : rule->access & hf_rights_for_file(),
        .proc = status.st_dev == proc,
        .rule = rule,
    };
    return hf_steal(fd, -1);
}

/* The first missing path is the error's object and origin; those after it are added with their own lines. */
static void note_missing(const struct hf_rule *rule, int errnum, struct hf_error *error)
{
    const size_t used = strlen(error->object);

    if (error->id == HF_PATH_MISSING) {
        snprintf(error->object + used, sizeof(error->object) - used, ", %s (%s, %s)", rule->path,
                 hf_where(rule->origin.line, rule->origin.field).text, hf_errno_name(errnum));
        return;
    }
    hf_fail(error, HF_PATH_MISSING, HF_STAGE_PREPARE, errnum, "%s", rule->path);
    error->origin = rule->origin;
}

/* Decides what a path that could not be opened means; false where nothing more is to be opened. */
static bool skip_rule(const struct hf_plan *plan, const struct hf_rule *rule, int errnum, struct hf_prepared *prepared,
                      struct hf_error *error)
{
    const bool listed = rule->origin.kind == HF_ORIGIN_POLICY;

    if (!means_missing(errnum) || rule->origin.kind == HF_ORIGIN_RUNTIME) {
        hf_fail(error, HF_PATH_UNUSABLE, HF_STAGE_PREPARE, errnum, "%s", rule->path);
        error->origin = rule->origin;
        return false;
    }
    if (listed && plan->compatibility == HF_COMPATIBILITY_HARD_REQUIREMENT) {
        note_missing(rule, errnum, error);
        return true;
    }
    prepared->skipped[prepared->skipped_count++] = (struct hf_skipped){rule, errnum};
    prepared->weaker = prepared->weaker || listed;
    return true;
}

static bool open_rules(const struct hf_plan *plan, struct hf_prepared *prepared, struct hf_error *error)
{
    const dev_t proc = proc_device();

    prepared->opened = calloc(plan->rule_count + 1, sizeof(*prepared->opened));
    prepared->skipped = calloc(plan->rule_count + 1, sizeof(*prepared->skipped));
    if (!prepared->opened || !prepared->skipped)
        return hf_fail(error, HF_PATH_UNUSABLE, HF_STAGE_PREPARE, ENOMEM, "memory");
    error->id = HF_OK;
    for (size_t i = 0; i < plan->rule_count; i++) {
        struct hf_opened *opened = &prepared->opened[prepared->opened_count];
        hf_autoclose int fd = open_rule(&plan->rules[i], proc, opened);

        if (fd < 0 ? !skip_rule(plan, &plan->rules[i], errno, prepared, error)
                   : !hf_landlock_grant(prepared->ruleset, fd, opened, error))
            return false;
        prepared->opened_count += fd >= 0;
    }
    return error->id == HF_OK;
}

/* Law 2: the runtime's own rule does not count. */
static bool protects_something(const struct hf_prepared *prepared)
{
    for (size_t i = 0; i < prepared->opened_count; i++)
        if (prepared->opened[i].rule->origin.kind != HF_ORIGIN_RUNTIME)
            return true;
    return false;
}

static bool prepare(const struct hf_plan *plan, struct hf_prepared *prepared, struct hf_error *error)
{
    if ((plan->landlock && !hf_landlock_make_ruleset(plan, &prepared->ruleset, error)) ||
        !open_rules(plan, prepared, error))
        return false;
    if (plan->compatibility == HF_COMPATIBILITY_HARD_REQUIREMENT && !protects_something(prepared)) {
        hf_fail(error, HF_LANDLOCK_NOTHING, HF_STAGE_PREPARE, 0, "no path");
        error->origin = plan->compatibility_origin;
        return false;
    }
    return true;
}

bool hf_prepare(const struct hf_plan *plan, struct hf_prepared *prepared, struct hf_error *error)
{
    *prepared = (struct hf_prepared){.ruleset = -1};
    if (prepare(plan, prepared, error))
        return true;
    hf_prepared_free(prepared);
    return false;
}

void hf_prepared_free(struct hf_prepared *prepared)
{
    if (prepared->ruleset >= 0)
        close(prepared->ruleset);
    free(prepared->opened);
    free(prepared->skipped);
    *prepared = (struct hf_prepared){.ruleset = -1};
}
