/* memory, pids and cpu: a row a limit, and what is written and read for each. */
#include "enforce/cgroup_limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "policy/bound.h"

#define READ_STEP 4096

static const struct {
    enum hf_bound_id bound;
    const char *controller;
    const char *file;
} table[] = {
    {HF_BOUND_MEMORY, "memory", "memory.max"},
    {HF_BOUND_PIDS, "pids", "pids.max"},
    {HF_BOUND_CPU, "cpu", "cpu.max"},
};

#define COUNT (sizeof(table) / sizeof(table[0]))

char *hf_cgroup_read(int directory, const char *file)
{
    hf_autoclose int fd = openat(directory, file, O_RDONLY | O_CLOEXEC);
    hf_autofree char *text = NULL;
    size_t length = 0, room = 0;

    while (fd >= 0) {
        char *grown = length + 1 < room ? text : realloc(text, room += READ_STEP);
        ssize_t got;

        if (!grown)
            return NULL;
        text = grown;
        got = read(fd, text + length, room - length - 1);
        if (got < 0)
            return NULL;
        length += (size_t)got;
        text[length] = '\0';
        if (got == 0)
            return hf_steal(text, NULL);
    }
    return NULL;
}

/* False with errno. */
static bool write_text(int directory, const char *file, const char *text)
{
    hf_autoclose int fd = openat(directory, file, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && strchr(" \n", at[length]))
            return true;
    return false;
}

struct hf_origin hf_cgroup_origin(const struct hf_plan *plan)
{
    for (size_t i = 0; i < COUNT; i++)
        if (plan->bounds[table[i].bound].set)
            return plan->bounds[table[i].bound].origin;
    return (struct hf_origin){0};
}

bool hf_cgroup_check_controllers(const struct hf_plan *plan, const struct hf_cgroup *cgroup, const char *parent,
                                 struct hf_error *error)
{
    hf_autofree char *there = hf_cgroup_read(cgroup->parent, "cgroup.controllers");

    if (!there)
        return hf_fail(error, HF_CGROUP_UNAVAILABLE, HF_STAGE_LIMITS, errno, "%s/cgroup.controllers", parent);
    for (size_t i = 0; i < COUNT; i++) {
        if (!plan->bounds[table[i].bound].set || has_word(there, table[i].controller))
            continue;
        hf_fail(error, HF_CGROUP_UNAVAILABLE, HF_STAGE_LIMITS, 0, "there is no controller %s in %s",
                table[i].controller, parent);
        error->origin = plan->bounds[table[i].bound].origin;
        return false;
    }
    return true;
}

/* Whether this process is the only one there. Those of another PID namespace are 0 (cgroups(7)). */
static bool is_alone(int directory)
{
    hf_autofree char *text = hf_cgroup_read(directory, "cgroup.procs");
    char own[16];

    snprintf(own, sizeof(own), "%d\n", getpid());
    return text && strcmp(text, own) == 0;
}

/* False with errno. */
static bool go_aside(struct hf_cgroup *cgroup)
{
    char procs[sizeof(cgroup->aside) + 16];

    snprintf(cgroup->aside, sizeof(cgroup->aside), "%s.self", cgroup->name);
    snprintf(procs, sizeof(procs), "%s/cgroup.procs", cgroup->aside);
    if (mkdirat(cgroup->parent, cgroup->aside, 0755) == 0) {
        int errnum;

        if (write_text(cgroup->parent, procs, "0"))
            return true;
        errnum = errno;
        unlinkat(cgroup->parent, cgroup->aside, AT_REMOVEDIR);
        errno = errnum;
    }
    cgroup->aside[0] = '\0';
    return false;
}

bool hf_cgroup_add_controllers(const struct hf_plan *plan, struct hf_cgroup *cgroup, const char *parent,
                               struct hf_error *error)
{
    static const char file[] = "cgroup.subtree_control";
    hf_autofree char *on = hf_cgroup_read(cgroup->parent, file);

    for (size_t i = 0; i < COUNT; i++) {
        const size_t used = strlen(cgroup->added);

        if (plan->bounds[table[i].bound].set && !(on && has_word(on, table[i].controller)))
            snprintf(cgroup->added + used, sizeof(cgroup->added) - used, "%s+%s", used ? " " : "", table[i].controller);
    }
    if (!cgroup->added[0] || write_text(cgroup->parent, file, cgroup->added))
        return true;
    if (errno == EBUSY && is_alone(cgroup->parent)) {
        if (go_aside(cgroup) && write_text(cgroup->parent, file, cgroup->added))
            return true;
    } else if (errno == EBUSY) {
        return hf_fail(error, HF_CGROUP_UNAVAILABLE, HF_STAGE_LIMITS, EBUSY, "other processes are in %s", parent);
    }
    return hf_fail(error, HF_CGROUP_UNAVAILABLE, HF_STAGE_LIMITS, errno, "%s to %s/%s", cgroup->added, parent, file);
}

void hf_cgroup_drop_controllers(struct hf_cgroup *cgroup)
{
    if (!cgroup->aside[0])
        return;
    for (char *at = cgroup->added; *at; at++)
        if (*at == '+')
            *at = '-';
    if (write_text(cgroup->parent, "cgroup.subtree_control", cgroup->added) &&
        write_text(cgroup->parent, "cgroup.procs", "0"))
        (void)unlinkat(cgroup->parent, cgroup->aside, AT_REMOVEDIR);
}

static void value_text(enum hf_bound_id id, uint64_t value, char text[64])
{
    static const unsigned period = 100 * 1000; /* microseconds */

    if (id == HF_BOUND_CPU)
        snprintf(text, 64, "%" PRIu64 " %u", value * period / 1000, period);
    else
        snprintf(text, 64, "%" PRIu64, value);
}

bool hf_cgroup_set_limits(const struct hf_plan *plan, const struct hf_cgroup *cgroup, struct hf_error *error)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct hf_planned_bound *bound = &plan->bounds[table[i].bound];
        char text[64];

        if (!bound->set)
            continue;
        value_text(table[i].bound, bound->value, text);
        if (write_text(cgroup->own, table[i].file, text))
            continue;
        hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, errno, "%s to %s/%s", text, cgroup->path, table[i].file);
        error->origin = bound->origin;
        return false;
    }
    /* Or what does not fit goes to the swap, and is used all the same. A kernel without swap has no such file. */
    if (plan->bounds[HF_BOUND_MEMORY].set && !write_text(cgroup->own, "memory.swap.max", "0") && errno != ENOENT)
        return hf_fail(error, HF_LIMIT_FAILED, HF_STAGE_LIMITS, errno, "0 to %s/memory.swap.max", cgroup->path);
    return true;
}

/* The number after a key at the beginning of a line; 0 where there is none. */
static uint64_t number_of(const struct hf_cgroup *cgroup, const char *file, const char *key)
{
    hf_autofree char *text = hf_cgroup_read(cgroup->own, file);
    const size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return strtoull(line + length, NULL, 10);
    return 0;
}

void hf_cgroup_read_hits(const struct hf_cgroup *cgroup, struct hf_hits *hits)
{
    /* oom_kill alone may be the machine's memory that ran out, and not the limit. */
    if (number_of(cgroup, "memory.events", "oom"))
        hits->memory = number_of(cgroup, "memory.events", "oom_kill");
    hits->pids = number_of(cgroup, "pids.events", "max");
    hits->cpu = number_of(cgroup, "cpu.stat", "nr_throttled");
}
