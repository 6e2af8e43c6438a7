/* Runs a command in a sandbox, for ten seconds at most, and tells what became of it:
 *
 *     cc -o embed embed.c $(pkg-config --cflags --libs holdfast)
 *     ./embed policy.yaml ls / > report.json */
#include <holdfast.h>
#include <unistd.h>

static int run(const struct hf_policy *policy, const char *file, char *const argv[])
{
    const int streams[] = {STDIN_FILENO, STDERR_FILENO, STDERR_FILENO}; /* standard output is for the report */
    const struct hf_options options = {.timeout = 10, .streams = streams, .warnings = stderr};
    struct hf_sandbox *sandbox = hf_sandbox_new(policy, &options, sizeof(options));
    struct hf_error error;
    struct hf_exit ended;
    int status = 125;

    if (sandbox && hf_sandbox_start(sandbox, argv, &error) && hf_sandbox_wait(sandbox, &ended, &error))
        fprintf(stderr, "%s %s, and ended with status %d\n", argv[0], hf_sandbox_outcome(sandbox), ended.status);
    else if (sandbox)
        hf_error_print(&error, file, stderr);
    if (sandbox && hf_sandbox_report(sandbox, STDOUT_FILENO, NULL))
        status = hf_sandbox_status(sandbox);
    hf_sandbox_free(sandbox);
    return status;
}

int main(int argc, char **argv)
{
    struct hf_policy *policy = argc > 2 ? hf_policy_load(argv[1]) : NULL;
    struct hf_remark fault;
    int status;

    if (!policy) {
        fputs("usage: embed POLICY COMMAND ARG...\n", stderr);
        return 2;
    }
    for (size_t i = 0; hf_policy_fault(policy, i, &fault); i++)
        fprintf(stderr, "%s:%u:%u: %s\n", argv[1], fault.line, fault.column, fault.text);
    status = run(policy, argv[1], argv + 2);
    hf_policy_unload(policy);
    return status;
}
