/* What stands behind the handles of holdfast.h. */
#ifndef HF_API_HANDLES_H
#define HF_API_HANDLES_H

#include "report/capture.h"
#include "why/learnt.h"
#include "wire/format.h"

/* A policy's handle points to its first member, so that outside and inside it is a struct hf_policy. */
struct hf_loaded {
    struct hf_policy policy; /* empty where there are faults */
    char *name;              /* NULL: no policy was named */
    bool found;              /* it was not named, and is the one of this machine */
    enum hf_format format;
    char *text; /* `length` bytes as they were read, or NULL */
    size_t length;
    struct hf_diagnostics faults;
};

static inline const struct hf_loaded *hf_loaded(const struct hf_policy *policy)
{
    return (const struct hf_loaded *)(const void *)policy;
}

/* The policy in a format; the caller frees *bytes. False: errno. */
bool hf_loaded_convert(const struct hf_loaded *loaded, enum hf_format format, char **bytes, size_t *length);

struct hf_sandbox {
    const struct hf_loaded *loaded;
    struct hf_options options; /* its workdir is an owned copy; mode, streams, log and its format are not valid any more */
    bool mode_given;
    enum hf_mode mode;
    int streams[3]; /* -1: the caller's */
    int log;        /* -1: none */
    enum hf_log_format log_format;
    char *workdir;  /* absolute, or NULL */
    struct hf_plan plan;
    struct hf_facts facts;
    bool begun; /* a start was tried */
    int run_lock; /* of the run directory */
    struct hf_prepared prepared;
    struct hf_identity identity;
    char *const *command;
    struct hf_capture capture;
    char *yaml; /* of a policy that is not, for the capture */
    struct hf_tally *tally; /* of what the proxy denied; NULL: there is none */
    struct hf_observer observer; /* with the option observe or learn */
    struct hf_denials denials;
    struct hf_learnt learnt;
    int channel; /* to the supervisor, and its pidfd; -1 where it is no process of its own, or is gone */
    int supervisor;
    /* Last what is large and written when it is needed: pages of it that no start touches cost none. */
    struct hf_result result;
    char run_directory[PATH_MAX]; /* "": there is none */
};

/* The plan, with `run_directory` as the runtime's own; false with *error. The policy must be without faults and the working
 * directory known. */
bool hf_sandbox_work_out(struct hf_sandbox *sandbox, const char *run_directory, struct hf_error *error);
bool hf_sandbox_find_workdir(struct hf_sandbox *sandbox, struct hf_error *error);
bool hf_sandbox_check_policy(const struct hf_sandbox *sandbox, struct hf_error *error);

/* In the caller's process: all of a start that comes before the supervisor. False with the error in the result. */
bool hf_sandbox_prepare(struct hf_sandbox *sandbox, char *const argv[]);

/* In the supervisor's, from there to the end of the command. `owner` as in struct hf_launch. */
bool hf_sandbox_supervise(struct hf_sandbox *sandbox, int owner);

/* Where the caller has a standard stream closed, nothing else may get its number: it would be lost when the streams are given
 * up. Only until an exec: the command finds closed what was closed. */
bool hf_sandbox_hold_streams(struct hf_error *error);

/* Tells a person which limits were reached, and what the proxy denied. */
void hf_sandbox_tell_end(const struct hf_sandbox *sandbox);

void hf_sandbox_leave_run_directory(struct hf_sandbox *sandbox);

/* False with *error where a start was already tried. */
bool hf_sandbox_is_fresh(const struct hf_sandbox *sandbox, struct hf_error *error);

struct hf_facts hf_kernel_facts(const struct hf_kernel *kernel);

/* Hands the result's error to the caller, and is false. */
bool hf_sandbox_refuse(const struct hf_sandbox *sandbox, struct hf_error *error);

#endif
