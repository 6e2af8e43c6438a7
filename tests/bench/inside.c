/* Parts of a start, each in a process of its own and once, as a start has them; prints the microseconds:
 *   inside rules FOLDER   from a plan with a rule for each entry of the folder to its Landlock ruleset
 *   inside bare FOLDER    the same ruleset by the bare system calls
 *   inside policy FILE    processor time from a policy's text to its plan */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "enforce/prepare.h"

#define ENTRIES_MOST 2000

static double microseconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t list(const char *folder, struct hf_path paths[ENTRIES_MOST])
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    while (directory && count < ENTRIES_MOST && (entry = readdir(directory)))
        if (entry->d_name[0] != '.' && asprintf(&paths[count].path, "%s/%s", folder, entry->d_name) > 0)
            count++;
    return count;
}

static bool make_plan(const struct hf_policy *policy, struct hf_plan *plan)
{
    const struct hf_plan_input input = {.policy = policy, .facts = hf_facts_probe(), .workdir = "/tmp", .run_directory = ""};
    struct hf_error error;

    return hf_plan_make(&input, plan, &error);
}

static bool bare_calls(const struct hf_plan *plan)
{
    const struct hf_landlock_ruleset_attr handled = {
        .handled_access_fs = plan->handled_fs, .handled_access_net = plan->handled_net, .scoped = plan->scoped};
    const int ruleset = (int)syscall(HF_NR_LANDLOCK_CREATE_RULESET, &handled, sizeof(handled), 0U);

    for (size_t i = 0; i < plan->rule_count; i++) {
        const int fd = open(plan->rules[i].path, O_PATH | O_CLOEXEC);
        const struct hf_landlock_path_beneath_attr rule = {.allowed_access = plan->rules[i].access, .parent_fd = fd};

        if (syscall(HF_NR_LANDLOCK_ADD_RULE, ruleset, HF_LANDLOCK_RULE_PATH_BENEATH, &rule, 0U) < 0)
            return false;
        close(fd);
    }
    return ruleset >= 0;
}

static bool time_rules(const char *folder, bool bare, double *took)
{
    static struct hf_path paths[ENTRIES_MOST];
    struct hf_policy policy = {.read_only = {.given = true, .items = paths, .count = list(folder, paths)}};
    struct hf_plan plan;
    struct hf_prepared prepared;
    struct hf_error error;
    double begun;
    bool made;

    if (!policy.read_only.count || !make_plan(&policy, &plan))
        return false;
    begun = microseconds(CLOCK_MONOTONIC);
    made = bare ? bare_calls(&plan) : hf_prepare(&plan, &prepared, &error);
    *took = microseconds(CLOCK_MONOTONIC) - begun;
    return made;
}

static bool time_policy(const char *file, double *took)
{
    struct hf_diagnostics diagnostics;
    struct hf_policy policy = {0};
    struct hf_plan plan;
    size_t length;
    char *text;
    double begun;
    bool made;

    if (!hf_policy_read(file, &text, &length, &diagnostics))
        return false;
    begun = microseconds(CLOCK_PROCESS_CPUTIME_ID);
    made = hf_policy_parse(text, length, &policy, &diagnostics) && make_plan(&policy, &plan);
    *took = microseconds(CLOCK_PROCESS_CPUTIME_ID) - begun;
    return made;
}

int main(int argc, char **argv)
{
    double took;

    if (argc != 3 || !(strcmp(argv[1], "policy") == 0 ? time_policy(argv[2], &took)
                                                      : time_rules(argv[2], strcmp(argv[1], "bare") == 0, &took)))
        return 1;
    printf("%.1f\n", took);
    return 0;
}
