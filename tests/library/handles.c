/* What the handles answer without anything running. */
#include "caller.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void refusal_leaves_nothing(void)
{
    char *const argv[] = {"no-such-command", NULL};
    struct hf_policy *policy = hf_policy_load(NULL);
    struct hf_sandbox *sandbox = hf_sandbox_new(policy, &usual, sizeof(usual));
    const int lowest_free = dup(0);
    struct hf_error error;
    struct hf_exit ended;

    close(lowest_free);
    HOLDS(!hf_sandbox_wait(sandbox, &ended, &error) && error.stage == HF_STAGE_USAGE);
    HOLDS(!hf_sandbox_start(sandbox, argv, &error) && error.id == HF_EXEC_NOT_FOUND && error.stage == HF_STAGE_EXEC);
    HOLDS(strcmp(hf_sandbox_outcome(sandbox), "exec-failed") == 0 && hf_sandbox_status(sandbox) == 127);
    HOLDS(!hf_sandbox_start(sandbox, argv, &error) && error.errnum == EALREADY);
    HOLDS(!hf_sandbox_wait(sandbox, &ended, &error) && error.id == HF_EXEC_NOT_FOUND);
    HOLDS(!hf_sandbox_signal(sandbox, SIGTERM) && errno == ESRCH);
    HOLDS(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
    HOLDS(dup(0) == lowest_free);
}

static void nothing_is_no_command(void)
{
    char *const argv[] = {NULL};
    struct hf_policy *policy = hf_policy_load(NULL);
    struct hf_sandbox *sandbox = hf_sandbox_new(policy, NULL, 0);
    struct hf_error error;

    HOLDS(!hf_sandbox_start(sandbox, argv, &error) && error.id == HF_EXEC_NOT_FOUND && error.errnum == EINVAL);
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
}

static void faults_are_told(void)
{
    static const char text[] = "version: 1\nfoo: 1\nlandlock: {compatibility: maybe}\n";
    struct hf_policy *policy = hf_policy_load_text("mine", text, strlen(text));
    struct hf_sandbox *sandbox = hf_sandbox_new(policy, NULL, 0);
    char *const argv[] = {"true", NULL};
    struct hf_remark fault;
    struct hf_error error;

    HOLDS(hf_policy_fault_count(policy) == 2);
    HOLDS(hf_policy_fault(policy, 0, &fault) && fault.line == 2 && fault.column == 1 && strstr(fault.text, "'foo'"));
    HOLDS(hf_policy_fault(policy, 1, &fault) && fault.line == 3 && !hf_policy_fault(policy, 2, &fault));
    HOLDS(!hf_policy_unenforced(policy, 0, &fault));
    HOLDS(!hf_sandbox_plan(sandbox, NULL, &error) && error.id == HF_POLICY_INVALID);
    HOLDS(!hf_sandbox_start(sandbox, argv, &error) && error.id == HF_POLICY_INVALID && strcmp(error.object, "mine") == 0);
    HOLDS(strcmp(hf_error_name(error.id), "HF-POLICY-INVALID") == 0 && hf_sandbox_status(sandbox) == 125);
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
    policy = hf_policy_load("/no/such/file");
    HOLDS(hf_policy_fault(policy, 0, &fault) && fault.line == 0 && hf_policy_fault_count(policy) == 1);
    hf_policy_unload(policy);
}

static void another_kernel_is_planned_for(void)
{
    static const char text[] = "version: 1\nlandlock: {compatibility: hard_requirement}\n";
    struct hf_policy *policy = hf_policy_load_text("mine", text, strlen(text));
    struct hf_sandbox *sandbox = hf_sandbox_new(policy, &usual, sizeof(usual));
    struct hf_kernel kernel;
    struct hf_error error;

    HOLDS(hf_kernel_parse("1", &kernel, sizeof(kernel)) && kernel.abi == 1);
    HOLDS(!hf_sandbox_plan(sandbox, &kernel, &error) && error.id == HF_LANDLOCK_ABI_TOO_OLD && error.origin.line == 2);
    HOLDS(hf_kernel_parse("off", &kernel, sizeof(kernel)) && kernel.abi == 0);
    HOLDS(!hf_sandbox_plan(sandbox, &kernel, &error) && error.id == HF_LANDLOCK_UNAVAILABLE);
    HOLDS(hf_kernel_parse("2", &kernel, sizeof(kernel)) && hf_sandbox_plan(sandbox, &kernel, &error));
    HOLDS(!hf_kernel_parse("two", &kernel, sizeof(kernel)));
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
}

/* What a control plane sent, and never was a file. */
static void messages_are_policies(void)
{
    static const char message[] = "\x08\x01\x1a\x12\x0a\x10hard_requirement";
    struct hf_policy *policy = hf_policy_load_bytes("sent", message, sizeof(message) - 1, HF_FORMAT_PB);
    struct hf_sandbox *sandbox = hf_sandbox_new(policy, &usual, sizeof(usual));
    struct hf_kernel kernel;
    struct hf_remark fault;
    struct hf_error error;
    char yaml[80] = "";
    FILE *stream = fmemopen(yaml, sizeof(yaml), "w");

    HOLDS(hf_policy_fault_count(policy) == 0 && strcmp(hf_policy_name(policy), "sent") == 0);
    HOLDS(hf_kernel_parse("1", &kernel, sizeof(kernel)));
    HOLDS(!hf_sandbox_plan(sandbox, &kernel, &error) && error.id == HF_LANDLOCK_ABI_TOO_OLD);
    HOLDS(strcmp(error.origin.field, "landlock.compatibility") == 0 && error.origin.column == 0);
    HOLDS(stream && hf_policy_write(policy, HF_FORMAT_YAML, stream) && fclose(stream) == 0);
    HOLDS(strcmp(yaml, "version: 1\nlandlock:\n  compatibility: hard_requirement\n") == 0);
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
    policy = hf_policy_load_bytes("sent", message, 6, HF_FORMAT_PB);
    HOLDS(hf_policy_fault(policy, 0, &fault) && fault.line && !fault.column && !fault.field);
    hf_policy_unload(policy);
}

static void what_is_not_there_is_not_made_up(void)
{
    struct hf_policy *policy = hf_policy_load("no/such/file.yaml"), *empty = hf_policy_load(NULL);
    const int streams[3] = {-1, 1, 2};
    const struct hf_options failed = {.streams = streams};
    char yaml[80] = "";
    FILE *stream = fmemopen(yaml, sizeof(yaml), "w");

    HOLDS(stream && hf_policy_fault_count(policy) == 1);
    HOLDS(!hf_policy_write(policy, HF_FORMAT_YAML, stream) && errno == EINVAL && fclose(stream) == 0 && !yaml[0]);
    HOLDS(!hf_sandbox_new(empty, &failed, sizeof(failed)) && errno == EINVAL);
    hf_policy_unload(policy);
    hf_policy_unload(empty);
}

/* Callers of another version of the header. */
static void sizes_tell_versions(void)
{
    struct {
        struct hf_options known;
        int added;
    } newer = {.added = 1};
    struct {
        struct hf_kernel known;
        int added;
    } kernel = {.added = 1};
    const struct hf_options wrong = {.mode = "open"}, none = {.log_format = "xml"};
    struct hf_policy *policy = hf_policy_load(NULL);
    struct hf_sandbox *older;

    HOLDS(!hf_sandbox_new(policy, &newer.known, sizeof(newer)) && errno == EINVAL);
    HOLDS(!hf_sandbox_new(policy, &wrong, sizeof(wrong)) && errno == EINVAL);
    HOLDS(!hf_sandbox_new(policy, &none, sizeof(none)) && errno == EINVAL);
    older = hf_sandbox_new(policy, &newer.known, offsetof(struct hf_options, timeout));
    HOLDS(older);
    hf_sandbox_free(older);
    hf_policy_unload(policy);
    hf_kernel_probe(&kernel.known, sizeof(kernel));
    HOLDS(kernel.added == 0 && kernel.known.landlock);
    hf_kernel_probe(&kernel.known, offsetof(struct hf_kernel, errata));
}

const struct test_case handle_cases[] = {
    CASE(refusal_leaves_nothing),
    CASE(nothing_is_no_command),
    CASE(faults_are_told),
    CASE(another_kernel_is_planned_for),
    CASE(messages_are_policies),
    CASE(what_is_not_there_is_not_made_up),
    CASE(sizes_tell_versions),
    {NULL, NULL},
};
