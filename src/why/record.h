/* Landlock's audit records as text (Documentation/admin-guide/LSM/landlock.rst). Pure. */
#ifndef HF_WHY_RECORD_H
#define HF_WHY_RECORD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Types of records (include/uapi/linux/audit.h). */
#define HF_RECORD_SYSCALL 1300
#define HF_RECORD_END 1320
#define HF_RECORD_ACCESS 1423
#define HF_RECORD_DOMAIN 1424

/* What a record says; a field that it has not is 0 or "". */
struct hf_record {
    int type;
    unsigned long event;  /* records of one event have one number */
    uint64_t domain;      /* of ACCESS and DOMAIN */
    uint64_t rights;      /* ACCESS: those of files that were denied */
    char other[64];       /* ACCESS: what else was, "scope.signal" */
    char path[PATH_MAX];  /* ACCESS */
    pid_t pid;            /* DOMAIN: who made it; SYSCALL: who made the call */
    char process[16];     /* SYSCALL: its name */
};

/* False where it is none of the types above, or cannot be read. */
bool hf_record_read(int type, const char *text, struct hf_record *record);

#endif
