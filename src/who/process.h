/* The sandbox's processes at one moment: which programs they are, and which of them have a socket. */
#ifndef HF_WHO_PROCESS_H
#define HF_WHO_PROCESS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HF_PROGRAM_MAX PATH_MAX

struct hf_process {
    int pid;    /* as the sandbox counts */
    int parent; /* 0: none, -1: not looked for yet */
    int folder; /* /proc/PID, which is this process's and never that of a later one with its number */
    char *program; /* what it executes, by the name that it has now; NULL where that cannot be told */
    enum { HF_OWNS_UNKNOWN, HF_OWNS_NOT, HF_OWNS, HF_OWNS_UNREADABLE } owns;
};

struct hf_processes {
    struct hf_process *items; /* in the order of their numbers, without the sandbox's init */
    size_t count;
};

/* False with errno. The caller frees *processes, in either case. */
bool hf_processes_read(int proc, struct hf_processes *processes);
void hf_processes_free(struct hf_processes *processes);

/* The parent where it is one of these, else NULL. */
struct hf_process *hf_process_parent(const struct hf_processes *processes, struct hf_process *process);

/* Looks through the descriptors of all threads until it finds the socket; the answer is kept. *likely is the descriptor
 * that the one before was found at, a hint for the order; NULL: there is none. */
void hf_process_look(struct hf_process *process, uint64_t inode, int *likely);

#endif
