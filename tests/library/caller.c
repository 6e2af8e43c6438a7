/* A caller of libholdfast, case by case: caller CASE. It ends with 0, or says which line does not hold. */
#include "caller.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const struct hf_options usual = {0};

struct started start_well(const struct hf_options *options, const char *shell_command)
{
    char *const argv[] = {"sh", "-c", (char *)(uintptr_t)shell_command, NULL};
    struct started it = {.policy = hf_policy_load(NULL)};
    struct hf_error error;

    HOLDS(it.policy && hf_policy_fault_count(it.policy) == 0);
    it.sandbox = hf_sandbox_new(it.policy, options, sizeof(*options));
    HOLDS(it.sandbox);
    if (!hf_sandbox_start(it.sandbox, argv, &error)) {
        hf_error_print(&error, NULL, stderr);
        exit(1);
    }
    return it;
}

struct started start_ready(const struct hf_options *options, const char *shell_command)
{
    int ready[2], streams[3] = {STDIN_FILENO, -1, STDERR_FILENO};
    struct hf_options own = *options;
    struct started it;
    char byte;

    HOLDS(pipe2(ready, O_CLOEXEC) == 0);
    streams[1] = ready[1];
    own.streams = streams;
    it = start_well(&own, shell_command);
    close(ready[1]);
    HOLDS(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    return it;
}

void end(const struct started *it)
{
    hf_sandbox_free(it->sandbox);
    hf_policy_unload(it->policy);
}

void ends_with(const struct started *it, enum hf_exit_kind kind, int status)
{
    struct hf_exit ended, again;

    HOLDS(hf_sandbox_wait(it->sandbox, &ended, NULL));
    if (ended.kind != kind || ended.status != status)
        fprintf(stderr, "ended %d with %d, not %d with %d\n", (int)ended.kind, ended.status, (int)kind, status);
    HOLDS(ended.kind == kind && ended.status == status);
    HOLDS(hf_sandbox_wait(it->sandbox, &again, NULL) && again.kind == kind && again.status == status);
    HOLDS(hf_sandbox_fd(it->sandbox) == -1);
    end(it);
}

int main(int argc, char **argv)
{
    const struct test_case *const all[] = {handle_cases, life_cases, state_cases, thread_cases};

    for (size_t i = 0; argc == 2 && i < sizeof(all) / sizeof(all[0]); i++)
        for (const struct test_case *one = all[i]; one->name; one++)
            if (strcmp(one->name, argv[1]) == 0) {
                one->run();
                return 0;
            }
    fprintf(stderr, "no such case\n");
    return 2;
}
