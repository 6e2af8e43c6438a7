/* The scenario that a run is captured as: its keys in the order in which one reads them. */
#include "report/capture.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "report/capture_environment.h"
#include "version.h"

#define NO_POLICY "version: 1\n" /* what a run without --policy has */
#define CELL_LIMIT 20            /* seconds that a cell has where its scenario does not say, and the most that it may */
#define MOST_LIMIT 600           /* (matrix/schema.py) */
#define TO_END 10                /* seconds between the command's time limit and the cell's */

/* The first lines, by what is not in it. */
static bool head(FILE *stream, unsigned with)
{
    const bool names = !(with & HF_CAPTURE_NAMES), environment = !(with & HF_CAPTURE_ENVIRONMENT);
    const bool contents = !(with & HF_CAPTURE_CONTENTS);

    return fprintf(stream,
                   "# What `holdfast run --capture` saw: the policy, the command, and what became of them on that "
                   "machine.\n"
                   "# Where the homes are was replaced%s. Not in here:%s%s%s.\n"
                   "# Read it before you hand it on. `make matrix SCENARIO=FILE` tells on which kernels the same "
                   "happens.\n",
                   names ? ", and so were the names of the user and of the host" : "",
                   environment ? " the environment" : "", environment && contents ? ", and" : "",
                   contents ? " what is in files" : environment ? "" : " programs and long files") > 0;
}

static void neutral(struct hf_yaml *yaml, const struct hf_names *names, const char *text)
{
    hf_autofree char *clean = hf_neutral(names, text, strlen(text));

    if (clean)
        hf_yaml_text(yaml, clean);
    yaml->failed = yaml->failed || !clean;
}

static void about(struct hf_yaml *yaml, const struct hf_result *result, const struct hf_names *names)
{
    const struct hf_error *error = &result->error;
    hf_autofree char *text = NULL;
    int written;

    if (result->started)
        written = asprintf(&text, "Captured: %s, and the exit status was %d.", hf_result_outcome(result),
                           hf_result_status(result));
    else
        written = asprintf(&text, "Captured: %s at %s, %s%s%s.", hf_result_outcome(result), hf_stage_name(error->stage),
                           hf_error_text(error->id), error->object[0] ? ": " : "", error->object);
    hf_yaml_text(yaml, "about");
    if (written < 0)
        yaml->failed = true;
    else
        neutral(yaml, names, text);
}

static void kernel(struct hf_yaml *yaml, const struct hf_names *names, const struct hf_facts *facts)
{
    struct utsname name;
    char number[16];

    hf_yaml_text(yaml, "captured");
    hf_yaml_map(yaml, false);
    hf_yaml_entry(yaml, "holdfast", HF_VERSION);
    if (uname(&name) == 0) {
        hf_yaml_text(yaml, "kernel");
        neutral(yaml, names, name.release);
    }
    hf_yaml_entry(yaml, "landlock", hf_landlock_state_name(facts->landlock));
    snprintf(number, sizeof(number), "%d", facts->abi);
    hf_yaml_entry(yaml, "abi", number);
    snprintf(number, sizeof(number), "0x%x", facts->errata);
    hf_yaml_entry(yaml, "errata", number);
    hf_yaml_map_end(yaml);
}

/* As the runner looks for it: a scenario whose policy has one cannot have the axis, too. */
static bool has_landlock_section(const char *text)
{
    static const char key[] = "landlock:";

    for (; text; text = strchr(text, '\n')) {
        text += *text == '\n';
        if (strncmp(text, key, strlen(key)) == 0)
            return true;
    }
    return false;
}

static bool policy(struct hf_yaml *yaml, const struct hf_capture *capture, const struct hf_names *names)
{
    const bool there = capture->form == HF_FORM_TEXT;
    hf_autofree char *text = there ? hf_neutral(names, capture->text, capture->length) : strdup(NO_POLICY);

    if (!text) {
        yaml->failed = true;
        return false;
    }
    hf_yaml_text(yaml, "policy");
    hf_yaml_lines(yaml, text);
    return has_landlock_section(text);
}

static void axis(struct hf_yaml *yaml, const char *name, const char *value)
{
    hf_yaml_text(yaml, name);
    hf_yaml_list(yaml, true);
    hf_yaml_text(yaml, value);
    hf_yaml_list_end(yaml);
}

static void axes(struct hf_yaml *yaml, const struct hf_capture *capture, bool own_landlock)
{
    hf_yaml_text(yaml, "axes");
    hf_yaml_map(yaml, false);
    axis(yaml, "mode", capture->mode ? capture->mode : "policy");
    if (!own_landlock)
        axis(yaml, "landlock", "omitted");
    axis(yaml, "user", geteuid() == 0 ? "root" : "ordinary");
    hf_yaml_map_end(yaml);
}

/* Only where they are not what a cell has anyway. */
static void arguments(struct hf_yaml *yaml, const struct hf_capture *capture, const struct hf_names *names)
{
    char seconds[16];
    const bool own_policy = capture->form != HF_FORM_TEXT;

    if (!capture->timeout && !capture->elsewhere && !own_policy)
        return;
    hf_yaml_text(yaml, "args");
    hf_yaml_list(yaml, true);
    if (own_policy) {
        hf_yaml_text(yaml, "--policy");
        hf_yaml_text(yaml, "/mnt/cell/" HF_POLICY_PLACE);
    }
    if (capture->elsewhere) {
        hf_yaml_text(yaml, "--workdir");
        neutral(yaml, names, capture->workdir);
    }
    if (capture->timeout) {
        hf_yaml_text(yaml, "--timeout");
        snprintf(seconds, sizeof(seconds), "%u", capture->timeout);
        hf_yaml_text(yaml, seconds);
    }
    hf_yaml_list_end(yaml);
}

static void launcher(struct hf_yaml *yaml, const struct hf_capture *capture)
{
    if (capture->form != HF_FORM_BYTES && !capture->environment)
        return;
    hf_yaml_text(yaml, "launcher");
    hf_yaml_list(yaml, true);
    if (capture->form == HF_FORM_BYTES)
        hf_policy_bytes_write(yaml, &capture->names, capture->text, capture->length);
    if (capture->environment)
        hf_environment_write(yaml, capture->environment);
    hf_yaml_text(yaml, "${HOLDFAST}");
    hf_yaml_list_end(yaml);
}

static void command(struct hf_yaml *yaml, const struct hf_capture *capture, const struct hf_names *names)
{
    hf_yaml_text(yaml, "command");
    hf_yaml_list(yaml, true);
    for (char *const *word = capture->command; *word; word++)
        neutral(yaml, names, *word);
    hf_yaml_list_end(yaml);
}

static void time_limit(struct hf_yaml *yaml, unsigned timeout)
{
    char seconds[16];

    if (timeout + TO_END <= CELL_LIMIT)
        return;
    snprintf(seconds, sizeof(seconds), "%u", timeout + TO_END < MOST_LIMIT ? timeout + TO_END : MOST_LIMIT);
    hf_yaml_entry(yaml, "time_limit", seconds);
}

static void expect(struct hf_yaml *yaml, const struct hf_result *result)
{
    char status[16];

    snprintf(status, sizeof(status), "%d", hf_result_status(result));
    hf_yaml_text(yaml, "expect");
    hf_yaml_list(yaml, false);
    hf_yaml_map(yaml, false);
    hf_yaml_entry(yaml, "outcome", hf_result_outcome(result));
    if (!result->started) {
        hf_yaml_entry(yaml, "error", hf_error_name(result->error.id));
        hf_yaml_entry(yaml, "errno", result->error.errnum ? hf_errno_name(result->error.errnum) : NULL);
    }
    hf_yaml_entry(yaml, "exit", status);
    hf_yaml_map_end(yaml);
    hf_yaml_list_end(yaml);
}

static bool scenario(const struct hf_capture *capture, const struct hf_result *result, FILE *stream)
{
    const struct hf_names *names = &capture->names;
    struct hf_yaml yaml;
    bool own_landlock;

    hf_yaml_begin(&yaml, stream);
    hf_yaml_map(&yaml, false);
    about(&yaml, result, names);
    kernel(&yaml, &capture->names, &capture->facts);
    own_landlock = policy(&yaml, capture, names);
    axes(&yaml, capture, own_landlock);
    hf_capture_tree_write(&yaml, &capture->tree);
    arguments(&yaml, capture, names);
    launcher(&yaml, capture);
    command(&yaml, capture, names);
    time_limit(&yaml, capture->timeout);
    expect(&yaml, result);
    hf_yaml_map_end(&yaml);
    return hf_yaml_end(&yaml);
}

bool hf_capture_write(const struct hf_capture *given, const struct hf_result *result, int fd, struct hf_error *error)
{
    struct hf_capture capture = *given;
    bool written = false;
    FILE *stream;

    if (!result->policy) {
        capture.text = NO_POLICY;
        capture.length = strlen(NO_POLICY);
    } else if (!capture.text && !capture.file) {
        capture.form = HF_FORM_NOWHERE;
    }
    errno = 0;
    stream = fdopen(dup(fd), "w");
    if (stream) {
        /* The command may have written into the file while it ran; what is no file cannot be cut. */
        written = capture.form != HF_FORM_NOWHERE && (ftruncate(fd, 0) == 0 || errno == EINVAL) &&
                  head(stream, capture.with) && scenario(&capture, result, stream);
        written = fclose(stream) == 0 && written;
    }
    return written || hf_fail(error, HF_CAPTURE_UNWRITABLE, HF_STAGE_REPORT, errno, "%s",
                              capture.form == HF_FORM_NOWHERE ? "its policy" : "the capture");
}
