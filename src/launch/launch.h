/* Starting the command in its sandbox and staying beside it until it ends. */
#ifndef HF_LAUNCH_LAUNCH_H
#define HF_LAUNCH_LAUNCH_H

#include "enforce/cgroup.h"
#include "enforce/identity.h"
#include "enforce/namespaces.h"
#include "enforce/prepare.h"
#include "enforce/seccomp.h"
#include "proxy/ascii.h"
#include "proxy/tally.h"

/* Somebody who is told of the command's calls before the kernel makes them. */
struct hf_watch {
    struct hf_watched calls;
    int proxy_log; /* takes the place of struct hf_launch's log; -1: it does not */
    /* Takes the listener (seccomp_unotify(2)) and answers it from now on, the command's execve first; returns at once. False
     * where it cannot. */
    bool (*listen)(struct hf_watch *watch, int listener);
};

struct hf_launch {
    const struct hf_plan *plan;
    const struct hf_policy *policy;
    const struct hf_prepared *prepared;
    const struct hf_identity *identity;
    const struct hf_cgroup *cgroup;
    const char *command;       /* what execve(2) gets */
    char *const *arguments;    /* its argv, NULL at the end */
    const char *run_directory; /* "" in block mode */
    unsigned timeout;          /* seconds, 0 for none */
    FILE *warnings;            /* for a person, or NULL */
    const char *notice;        /* goes to standard error when all is set up, before the command; or NULL */
    int owner;                 /* a channel that is told of the start, and whose end is the run's; -1 for none */
    struct hf_watch *watch;    /* or NULL */
    int log;                   /* gets a line of JSON for each decision of the proxy's; -1: nobody does */
    enum hf_log_format log_format;
    struct hf_tally *tally;    /* counts what the proxy denies, or NULL */
};

/* Runs the command to its end. False when it was never executed: *error says at which stage it ended, and no process is
 * left. When it returns true the command was executed and *ended says how it ended; what it left behind is gone. */
bool hf_launch(const struct hf_launch *launch, struct hf_exit *ended, struct hf_error *error);

/* Makes the run's own directory, readable by all, writable by the caller, and removes those of killed runs; the path is
 * written to `path`. Returns a descriptor that the caller keeps for as long as the run lasts, and closes: its lock tells other
 * runs that this one lives. -1 with *error and an empty path. */
int hf_run_directory_make(char path[PATH_MAX], struct hf_error *error);

/* What may be in it: where the proxy is, for programs with a scrubbed environment; the certificate of the run's CA; and that
 * with the machine's roots. */
#define HF_PROXY_FILE "proxy.env"
#define HF_CA_FILE "ca.pem"
#define HF_BUNDLE_FILE "bundle.pem"

/* Writes one of these files, of parts one behind the other. */
bool hf_run_directory_write(const char *path, const char *name, const struct hf_span *parts, size_t count,
                            struct hf_error *error);
void hf_run_directory_remove(const char *path);

#endif
