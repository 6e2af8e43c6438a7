/* Looking on while a command runs, by seccomp's user notification (seccomp_unotify(2)). Of every call of why/call.c the
 * kernel tells before it makes it; what the call reaches for is looked up and judged by the plan, and the kernel then
 * goes on as if nobody had looked (SECCOMP_USER_NOTIF_FLAG_CONTINUE). That is safe because nothing is decided here: a
 * command that changes its arguments after they were read (which no observer can rule out) changes what is told, not
 * what it may. Landlock judges every call as it does without an observer. Calls that the filter denies are told too;
 * those are never continued, but fail by the filter's errno. A call that nobody answers fails (ENOSYS). */
#ifndef HF_WHY_OBSERVE_H
#define HF_WHY_OBSERVE_H

#include <pthread.h>

#include "launch/launch.h"
#include "why/audit.h"
#include "why/call.h"
#include "why/judge.h"

/* Something that the command reached for. Text is valid during the call that tells of it. */
struct hf_sighting {
    const char *process; /* its name and its number in the sandbox */
    pid_t number;
    const char *path;    /* what the rights are asked on, or the address or call in words */
    uint64_t access;     /* Landlock file rights; 0 where it is none, and of a path that is not there */
    struct hf_verdict verdict;
    const char *act; /* "connect to", "bind to", "call"; NULL: of a path. This and the next two are static */
    const char *by;  /* what denies it, NULL: nothing */
    const char *remedy;
    bool recorded; /* the kernel says so itself */
    const char *barred; /* what has a mode by which the process may not, with the mode, or NULL */
};

struct hf_observer {
    struct hf_watch watch; /* what the launcher knows of it; first */
    const struct hf_plan *plan;
    const struct hf_prepared *prepared;
    void (*sight)(struct hf_observer *observer, const struct hf_sighting *sighting); /* in the observer's own thread */
    const char *command; /* what the runtime executes */
    pid_t pid;           /* the command's, once it is executed */
    int log; /* gets what the proxy tells, too; -1: nobody does */
    struct hf_audit audit;
    void *context;     /* the owner's */
    size_t unreadable; /* calls whose arguments could not be read or looked up */
    int calls[64]; /* their numbers */
    int listener;
    pthread_t thread;
    bool running;
};

/* Fills observer->watch; plan, prepared and sight are the caller's to set before the launch. */
void hf_observer_init(struct hf_observer *observer);

/* Waits until every call has been told of; after the launch. */
void hf_observer_finish(struct hf_observer *observer);

#endif
