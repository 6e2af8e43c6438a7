/* What each Landlock ABI knows, and what its kernel answers to an attribute. Pure: no system call is made here. */
#ifndef HF_VM_ABI_LEVEL_H
#define HF_VM_ABI_LEVEL_H

#include <stddef.h>
#include <stdint.h>

#include "landlock_attr.h"

#define ABI_NEWEST 11

struct abi_level {
    int abi;
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
    size_t attr_size;        /* of struct landlock_ruleset_attr */
    uint32_t add_rule_flags; /* that landlock_add_rule(2) takes */
    uint32_t restrict_flags; /* that landlock_restrict_self(2) takes */
    uint32_t errata;         /* that can be told of this ABI, bit N-1 for erratum N */
};

/* The sum of what ABI 1 to `abi` (at most ABI_NEWEST) brought. */
struct abi_level abi_level(int abi);

/* The largest attribute that any kernel looks at: one page (copy_min_struct_from_user() in
 * security/landlock/syscalls.c). */
#define ABI_ATTR_MAX 4096

/* An attribute as a program passed it. */
struct abi_attr {
    uint64_t address;
    uint64_t size;                     /* as the caller says */
    unsigned char bytes[ABI_ATTR_MAX]; /* what of it could be read */
    size_t readable;
};

/* How many bytes of it the kernel would look at: 0 where its size or address alone is an error. */
size_t abi_attr_wanted(const struct abi_attr *attr);

/* The errno by which landlock_create_ruleset(2) of this level refuses the attribute, in the kernel's order of checks;
 * or 0, with the fields that the level has in *known and the others 0. */
int abi_attr_check(const struct abi_level *level, const struct abi_attr *attr, struct landlock_full_attr *known);

#endif
