/* Capabilities by the system calls themselves (capabilities(7), capget(2), prctl(2)): a library (libcap) asks for more than
 * is needed, so that 217 calls at a start are 89, and there is nothing to load. */
#include "enforce/capabilities.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What Linux 3.16 had. A kernel answers EINVAL for a capability that it does not know; one that says so of these lies. */
#define KNOWN_TO_ALL CAP_AUDIT_READ

struct sets {
    struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3];
};

static bool get(struct sets *sets)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

    return syscall(SYS_capget, &header, sets->half) == 0;
}

static bool kept(struct hf_error *error, const char *what)
{
    return hf_fail(error, HF_CAPABILITIES_KEPT, HF_STAGE_CAPABILITIES, errno, "%s", what);
}

bool hf_capabilities_have(uint32_t wanted)
{
    struct sets sets;

    return get(&sets) && (~sets.half[0].effective & wanted) == 0;
}

/* With it empty, an exec by root, or of a file that has capabilities, brings none back (capabilities(7), "Transformation of
 * capabilities during execve()"). */
bool hf_capabilities_drop_bounding(struct hf_error *error)
{
    unsigned long capability = 0;

    while (prctl(PR_CAPBSET_DROP, capability) == 0)
        capability++;
    return (errno == EINVAL && capability > KNOWN_TO_ALL) || kept(error, "bounding set");
}

bool hf_capabilities_drop_sets(struct hf_error *error)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct sets none = {0};

    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return kept(error, "clearing the ambient set");
    return syscall(SYS_capset, &header, none.half) == 0 || kept(error, "capset");
}

/* Nothing is ambient that is not permitted and inheritable (capabilities(7), "Thread capability sets"). */
bool hf_capabilities_verify_none(struct hf_error *error)
{
    unsigned long capability = 0;
    const struct sets none = {0};
    struct sets now = none; /* valgrind takes capget(2) to write the first half alone */
    int left;

    if (!get(&now))
        return kept(error, "capget");
    if (memcmp(&now, &none, sizeof(now)) != 0)
        return hf_fail(error, HF_CAPABILITIES_KEPT, HF_STAGE_CAPABILITIES, 0, "permitted, effective or inheritable");
    while ((left = prctl(PR_CAPBSET_READ, capability)) == 0)
        capability++;
    if (left > 0)
        return hf_fail(error, HF_CAPABILITIES_KEPT, HF_STAGE_CAPABILITIES, 0, "bounding set, %lu", capability);
    return (errno == EINVAL && capability > KNOWN_TO_ALL) || kept(error, "reading the bounding set");
}
