/* A start, in the order in which it goes: what is done in the caller's process, and what in the supervisor's. */
#include <errno.h>
#include <stdlib.h>

#include "api/handles.h"
#include "base/cleanup.h"
#include "enforce/executable.h"
#include "enforce/reach.h"
#include "enforce/rlimits.h"
#include "report/denied.h"
#include "report/reached.h"

bool hf_sandbox_is_fresh(const struct hf_sandbox *sandbox, struct hf_error *error)
{
    if (sandbox->begun && error)
        (void)hf_fail(error, HF_LAUNCH_FAILED, HF_STAGE_USAGE, EALREADY, "a sandbox is started once");
    return !sandbox->begun;
}

bool hf_sandbox_refuse(const struct hf_sandbox *sandbox, struct hf_error *error)
{
    if (error)
        *error = sandbox->result.error;
    return false;
}

/* What the command may change is looked at before it can. */
static void look(struct hf_sandbox *sandbox)
{
    const struct hf_loaded *loaded = sandbox->loaded;

    sandbox->capture = (struct hf_capture){.text = loaded->text,
                                           .length = loaded->length,
                                           .policy = &loaded->policy,
                                           .mode = sandbox->mode_given ? hf_mode_name(sandbox->mode) : NULL,
                                           .workdir = sandbox->workdir,
                                           .command = sandbox->command,
                                           .timeout = sandbox->options.timeout,
                                           .with = sandbox->options.capture_with,
                                           .facts = sandbox->facts};
    if (!sandbox->options.capture)
        return;
    if (loaded->format != HF_FORMAT_YAML) { /* a scenario has YAML; what is not valid has none, and is not captured */
        if (!loaded->faults.count)
            (void)hf_loaded_convert(loaded, HF_FORMAT_YAML, &sandbox->yaml, &sandbox->capture.length);
        sandbox->capture.text = sandbox->yaml;
    } else {
        sandbox->capture.file = loaded->name;
    }
    hf_capture_look(&sandbox->capture);
}

static bool plan(struct hf_sandbox *sandbox)
{
    struct hf_error *error = &sandbox->result.error;

    sandbox->result.plan = NULL; /* of hf_sandbox_plan, perhaps of another kernel */
    if (sandbox->mode == HF_MODE_PROXY) {
        sandbox->tally = hf_tally_new();
        if (!sandbox->tally)
            return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PREPARE, errno, "mmap");
        sandbox->run_lock = hf_run_directory_make(sandbox->run_directory, error);
    }
    return (sandbox->mode == HF_MODE_BLOCK || sandbox->run_lock >= 0) &&
           hf_sandbox_work_out(sandbox, sandbox->run_directory, error);
}

bool hf_sandbox_prepare(struct hf_sandbox *sandbox, char *const argv[])
{
    struct hf_error *error = &sandbox->result.error;
    bool has_workdir;

    sandbox->begun = true;
    sandbox->command = argv;
    sandbox->facts = sandbox->options.learn ? (struct hf_facts){.landlock = HF_LANDLOCK_NONE} : hf_facts_probe();
    if (sandbox->loaded->faults.count)
        sandbox->result.diagnostics = &sandbox->loaded->faults;
    has_workdir = hf_sandbox_find_workdir(sandbox, error);
    look(sandbox);
    if (!argv[0])
        return hf_fail(error, HF_EXEC_NOT_FOUND, HF_STAGE_EXEC, EINVAL, "an empty argv");
    if (!hf_sandbox_check_policy(sandbox, error) || !has_workdir || !plan(sandbox) ||
        !hf_prepare(&sandbox->plan, &sandbox->prepared, error))
        return false;
    sandbox->result.prepared = &sandbox->prepared;
    return hf_identity_resolve(&sandbox->plan, &sandbox->identity, error);
}

/* Finds the command and looks whether it can be executed. The caller frees *command. */
static bool find_command(const struct hf_sandbox *sandbox, char **command, struct hf_error *error)
{
    struct hf_chain chain;
    bool good;

    if (!hf_command_find(sandbox->command[0], command, error))
        return false;
    hf_chain_read(*command, &chain);
    good = hf_executable_check(&chain, error) &&
           (!sandbox->plan.landlock ||
            hf_reach_check(&chain, &sandbox->loaded->policy, &sandbox->prepared, error));
    hf_chain_free(&chain);
    return good;
}

static void sight(struct hf_observer *observer, const struct hf_sighting *sighting)
{
    struct hf_sandbox *sandbox = observer->context;

    if (sandbox->options.learn)
        hf_learnt_add(&sandbox->learnt, sighting);
    else
        hf_denials_add(&sandbox->denials, sighting);
}

static bool launch_observed(struct hf_sandbox *sandbox, struct hf_launch *launch)
{
    struct hf_observer *observer = &sandbox->observer;
    bool started;

    if (!sandbox->options.observe && !sandbox->options.learn)
        return hf_launch(launch, &sandbox->result.ended, &sandbox->result.error);
    *observer = (struct hf_observer){.plan = launch->plan,
                                     .prepared = launch->prepared,
                                     .command = launch->command,
                                     .log = launch->log,
                                     .sight = sight,
                                     .context = sandbox};
    sandbox->denials.modes = geteuid() == 0;
    hf_observer_init(observer);
    if (observer->audit.log >= 0)
        sandbox->prepared.flags = HF_LANDLOCK_LOG_NEW_EXEC_ON;
    launch->watch = &observer->watch;
    started = hf_launch(launch, &sandbox->result.ended, &sandbox->result.error);
    hf_observer_finish(observer);
    sandbox->denials.exact = observer->audit.domain;
    return started;
}

void hf_sandbox_tell_end(const struct hf_sandbox *sandbox)
{
    hf_reached_print(&sandbox->result, sandbox->options.warnings);
    /* Who observes tells the same, and more. */
    if (sandbox->tally && !sandbox->options.observe && !sandbox->options.learn)
        hf_denied_print(sandbox->tally, sandbox->options.warnings);
}

/* With the limits of the policy around it, and what they did told. */
static bool launch_limited(struct hf_sandbox *sandbox, struct hf_launch *launch)
{
    struct hf_result *result = &sandbox->result;
    struct hf_cgroup cgroup;

    if (!hf_rlimits_check(launch->plan, launch->identity, &result->error) ||
        !hf_cgroup_make(launch->plan, &cgroup, &result->error))
        return false;
    launch->cgroup = &cgroup;
    result->started = launch_observed(sandbox, launch);
    hf_cgroup_end(&cgroup, &result->hits);
    launch->cgroup = NULL;
    if (launch->warnings)
        hf_sandbox_tell_end(sandbox);
    return result->started;
}

/* What goes to standard error comes when all is set up, so that a refusal stands alone there. The caller frees it; NULL
 * where it went elsewhere, or memory is out. */
static char *warn(const struct hf_sandbox *sandbox, FILE *warnings)
{
    char *notice = NULL;
    size_t size;
    FILE *stream = fileno(warnings) == STDERR_FILENO ? open_memstream(&notice, &size) : NULL;

    hf_warnings_print(&sandbox->plan, &sandbox->prepared, sandbox->loaded->name, stream ? stream : warnings);
    return stream && fclose(stream) == 0 ? notice : NULL;
}

bool hf_sandbox_supervise(struct hf_sandbox *sandbox, int owner)
{
    struct hf_error *error = &sandbox->result.error;
    hf_autofree char *command = NULL, *notice = NULL;
    struct hf_launch launch = {.plan = &sandbox->plan,
                               .policy = &sandbox->loaded->policy,
                               .prepared = &sandbox->prepared,
                               .identity = &sandbox->identity,
                               .arguments = sandbox->command,
                               .run_directory = sandbox->run_directory,
                               .timeout = sandbox->options.timeout,
                               .warnings = owner < 0 ? sandbox->options.warnings : NULL,
                               .owner = owner,
                               .log = sandbox->log,
                               .log_format = sandbox->log_format,
                               .tally = sandbox->tally};

    if (chdir(sandbox->plan.workdir) < 0)
        return hf_fail(error, HF_WORKDIR_UNUSABLE, HF_STAGE_PREPARE, errno, "%s", sandbox->plan.workdir);
    if (!find_command(sandbox, &command, error))
        return false;
    if (launch.warnings)
        notice = warn(sandbox, launch.warnings);
    launch.notice = notice;
    launch.command = command;
    return launch_limited(sandbox, &launch);
}

void hf_sandbox_leave_run_directory(struct hf_sandbox *sandbox)
{
    if (!sandbox->run_directory[0])
        return;
    hf_run_directory_remove(sandbox->run_directory);
    close(sandbox->run_lock);
    sandbox->run_directory[0] = '\0';
}

bool hf_sandbox_run(struct hf_sandbox *sandbox, char *const argv[], struct hf_exit *ended, struct hf_error *error)
{
    if (!hf_sandbox_is_fresh(sandbox, error))
        return false;
    sandbox->result.started = hf_sandbox_hold_streams(&sandbox->result.error) && hf_sandbox_prepare(sandbox, argv) &&
                              hf_sandbox_supervise(sandbox, -1);
    hf_sandbox_leave_run_directory(sandbox);
    if (!sandbox->result.started)
        return hf_sandbox_refuse(sandbox, error);
    *ended = sandbox->result.ended;
    return true;
}
