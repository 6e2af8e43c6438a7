/* Kernel facts: what this machine's kernel answers when it is asked. Never the version string, which lies (RHEL 9's 5.14
 * carries ABI 5). */
#ifndef HF_KERNEL_FACTS_H
#define HF_KERNEL_FACTS_H

#include <stdbool.h>
#include <stdint.h>

enum hf_landlock_state {
    HF_LANDLOCK_AVAILABLE,
    HF_LANDLOCK_NONE,    /* ENOSYS: not built */
    HF_LANDLOCK_OFF,     /* EOPNOTSUPP: built, but not in lsm= */
    HF_LANDLOCK_BLOCKED, /* EPERM, EACCES: something in front of the kernel refuses */
    HF_LANDLOCK_UNKNOWN, /* any other error: it may well be there */
};

struct hf_facts {
    enum hf_landlock_state landlock;
    int errnum;      /* by which the kernel answered; 0 where it is available */
    int abi;         /* 0 unless available */
    bool errata_told; /* the kernel can be asked for its errata */
    uint32_t errata;  /* bit N-1: erratum N is fixed; 0 where the kernel does not tell */
};

/* Asks the kernel. */
struct hf_facts hf_facts_probe(void);

const char *hf_landlock_state_name(enum hf_landlock_state state);

/* The errno by which a kernel in that state answers, 0 where Landlock is available. */
int hf_landlock_state_errno(enum hf_landlock_state state);

/* Reads "6", "none", "off" or "blocked" into facts, for planning for another kernel. False where it is none of these. */
bool hf_facts_parse(const char *text, struct hf_facts *facts);

#endif
