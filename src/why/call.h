/* The calls by which a command reaches for files and addresses, as the observer is told of them. Pure. */
#ifndef HF_WHY_CALL_H
#define HF_WHY_CALL_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum hf_call_kind {
    HF_CALL_OPEN,
    HF_CALL_OPEN_HOW, /* openat2, whose flags are in memory */
    HF_CALL_EXECUTE,
    HF_CALL_REMOVE,
    HF_CALL_RENAME,
    HF_CALL_LINK,
    HF_CALL_MAKE,
    HF_CALL_TRUNCATE,
    HF_CALL_CONNECT,
    HF_CALL_BIND,
};

/* One path argument: relative to `dirfd`, at `address` in the caller's memory. */
struct hf_path_argument {
    int dirfd;
    uint64_t address;
};

/* A call, its arguments taken apart. */
struct hf_call {
    enum hf_call_kind kind;
    struct hf_path_argument path[2];
    size_t path_count;
    uint64_t flags;   /* of open(2), rename(2) or the *at call; of HF_CALL_OPEN_HOW the address of struct open_how */
    mode_t type;      /* HF_CALL_MAKE: S_IFDIR and its like */
    int socket;       /* HF_CALL_CONNECT, HF_CALL_BIND */
    uint64_t address; /* of these, and how long it is */
    uint64_t length;
};

/* The numbers of all calls that are observed. */
size_t hf_calls(int numbers[], size_t room);

/* Takes a call apart. False where it is none of these. */
bool hf_call_read(const struct seccomp_data *data, struct hf_call *call);

/* Whether the last component is followed where it is a symbolic link; `which` is 0 or 1. */
bool hf_call_follows(const struct hf_call *call, size_t which);

/* What became of a path argument when it was looked up. */
struct hf_found {
    bool exists;
    mode_t type; /* S_IFMT bits, where it exists */
};

/* Rights that the kernel will ask Landlock for on one path argument. */
struct hf_need {
    size_t which;
    bool on_parent; /* on the directory that it stands in, not on itself */
    uint64_t access;
};

#define HF_NEEDS_MAX 2

/* What a call needs (security/landlock/fs.c), none where the kernel fails it by itself. `same_parent`: both paths stand
 * in one directory. Returns how many. */
size_t hf_call_needs(const struct hf_call *call, const struct hf_found found[2], bool same_parent,
                     struct hf_need needs[HF_NEEDS_MAX]);

#endif
