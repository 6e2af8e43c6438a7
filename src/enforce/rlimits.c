/* setrlimit(2) by the plan.
 *
 * PR_SET_DUMPABLE is no means against core dumps here: execve(2) sets it back, so that the command would have it again,
 * and it would close the command's own /proc/self to it. RLIMIT_CORE is inherited, and cannot be raised again. */
#include "enforce/rlimits.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "policy/bound.h"

/* Where core_pattern is a pipe the kernel runs its program whatever the limit is, 0 included, and 1 is the one value at
 * which it does not (core(5), "Piping core dumps to a program"; fs/coredump.c, "cprm.limit of 1"). A file of a byte is
 * not written either: the least core has a page. */
#define NO_CORE 1

static const struct {
    enum hf_bound_id bound;
    __rlimit_resource_t resource;
} table[] = {
    {HF_BOUND_OPEN_FILES, RLIMIT_NOFILE}, {HF_BOUND_PROCESSES, RLIMIT_NPROC}, {HF_BOUND_FILE_SIZE, RLIMIT_FSIZE},
    {HF_BOUND_CPU_TIME, RLIMIT_CPU},      {HF_BOUND_ADDRESS_SPACE, RLIMIT_AS}, {HF_BOUND_CORE, RLIMIT_CORE},
};

#define COUNT (sizeof(table) / sizeof(table[0]))

static bool fail(enum hf_error_id id, int errnum, enum hf_bound_id bound, const struct hf_plan *plan, const char *why,
                 struct hf_error *error)
{
    char text[HF_BOUND_TEXT_MAX];

    hf_fail(error, id, HF_STAGE_LIMITS, errnum, "%s.%s: %s%s", hf_bound_kinds[bound].section, hf_bound_kinds[bound].key,
            hf_bound_text(bound, plan->bounds[bound].value, text), why);
    error->origin = plan->bounds[bound].origin;
    return false;
}

/* The kernel holds root, the real user 0 of the first user namespace, to no number of processes (kernel/fork.c, INIT_USER).
 * A root of another namespace is refused as well: who it is outside cannot be told from inside. */
static bool check_processes(const struct hf_plan *plan, const struct hf_identity *identity, struct hf_error *error)
{
    const uid_t uid = identity->change ? identity->uid : getuid();

    return uid != 0 || !plan->bounds[HF_BOUND_PROCESSES].set ||
           fail(HF_LIMIT_INEFFECTIVE, 0, HF_BOUND_PROCESSES, plan, ", and the command runs as root", error);
}

bool hf_rlimits_check(const struct hf_plan *plan, const struct hf_identity *identity, struct hf_error *error)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct hf_planned_bound *bound = &plan->bounds[table[i].bound];
        char most[HF_BOUND_TEXT_MAX], why[64];
        struct rlimit now;

        if (!bound->origin.line)
            continue;
        if (getrlimit(table[i].resource, &now) < 0)
            return fail(HF_LIMIT_FAILED, errno, table[i].bound, plan, "", error);
        if (bound->value > now.rlim_max) {
            snprintf(why, sizeof(why), ", and the caller's hard limit is %s",
                     hf_bound_text(table[i].bound, now.rlim_max, most));
            return fail(HF_LIMIT_TOO_HIGH, EPERM, table[i].bound, plan, why, error);
        }
    }
    return check_processes(plan, identity, error);
}

/* The hard limit is the soft one, but for cpu_time: SIGXCPU at the limit tells what ended the command, and SIGKILL follows a
 * second later for one that does not heed it. */
static struct rlimit limit_of(enum hf_bound_id id, const struct hf_planned_bound *bound, rlim_t hard)
{
    struct rlimit limit = {bound->value, bound->value};

    if (id == HF_BOUND_CPU_TIME)
        limit.rlim_max = bound->value < hard ? bound->value + 1 : hard;
    else if (id == HF_BOUND_CORE && bound->value == 0)
        limit.rlim_cur = limit.rlim_max = hard ? NO_CORE : 0;
    return limit;
}

bool hf_rlimits_set(const struct hf_plan *plan, struct hf_error *error)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct hf_planned_bound *bound = &plan->bounds[table[i].bound];
        struct rlimit now, limit;

        if (!bound->set)
            continue;
        if (getrlimit(table[i].resource, &now) < 0)
            return fail(HF_LIMIT_FAILED, errno, table[i].bound, plan, "", error);
        limit = limit_of(table[i].bound, bound, now.rlim_max);
        if (setrlimit(table[i].resource, &limit) < 0)
            return fail(HF_LIMIT_FAILED, errno, table[i].bound, plan, "", error);
    }
    return true;
}
