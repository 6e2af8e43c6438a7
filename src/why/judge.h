/* Whether the sandbox denies an access, by the plan alone, and which rule came nearest. Pure: no system call. It
 * explains what the kernel decides, and decides nothing itself. */
#ifndef HF_WHY_JUDGE_H
#define HF_WHY_JUDGE_H

#include <sys/socket.h>
#include <sys/types.h>

#include "enforce/prepare.h"
#include "why/mode.h"

/* A directory or file on the way to a path, from / on. */
struct hf_step {
    dev_t dev;
    ino_t ino;
    struct hf_owner owner;
};

/* Where a path led. Rules are for files and directories, whatever path leads to them: what counts is the steps. */
struct hf_place {
    const char *path; /* absolute, without symbolic links */
    bool proc;        /* in the sandbox's own /proc, where rules are matched by their text */
    const struct hf_step *steps;
    size_t step_count;
};

/* The list of filesystem_policy that would allow an access. */
enum hf_remedy { HF_REMEDY_NONE, HF_REMEDY_READ_ONLY, HF_REMEDY_READ_WRITE };

struct hf_verdict {
    uint64_t missing;              /* rights that no rule grants; 0: nothing is denied */
    const struct hf_rule *nearest; /* the rule that came nearest, or NULL; it counts where something is missing */
    bool covers;                   /* that rule is for the place or a directory above it, and does not grant enough */
    enum hf_remedy remedy;         /* by adding the place's path */
};

struct hf_verdict hf_judge_place(const struct hf_plan *plan, const struct hf_prepared *prepared,
                                 const struct hf_place *place, uint64_t access);

/* Whether a mode on the way keeps a process without capabilities from it: that of a directory which it may not search,
 * or of the place itself. Writes which, and its mode. */
bool hf_judge_mode(const struct hf_credentials *who, const struct hf_place *place, uint64_t access, char *text,
                   size_t size);

/* What stands in the way of an address. */
enum hf_barrier {
    HF_BARRIER_NONE,
    HF_BARRIER_LANDLOCK,  /* its port */
    HF_BARRIER_NAMESPACE, /* there is no route but loopback */
};

/* `binds`: bind(2), not connect(2). `type`: SOCK_STREAM, SOCK_DGRAM or another. Addresses other than IPv4 and IPv6 are
 * not this function's: HF_BARRIER_NONE. */
enum hf_barrier hf_judge_address(const struct hf_plan *plan, const struct sockaddr *address, int type, bool binds);

#endif
