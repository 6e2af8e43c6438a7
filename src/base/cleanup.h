/* Cleanup attributes for the two things that leak: file descriptors and memory. */
#ifndef HF_BASE_CLEANUP_H
#define HF_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void hf_cleanup_free(void *slot)
{
    free(*(void **)slot);
}

static inline void hf_cleanup_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

#define hf_autofree __attribute__((cleanup(hf_cleanup_free)))
#define hf_autoclose __attribute__((cleanup(hf_cleanup_close)))

/* Hands a descriptor or pointer that is marked for cleanup to the caller. */
#define hf_steal(slot, none)               \
    ({                                     \
        __typeof__(slot) hf_taken = (slot); \
        (slot) = (none);                   \
        hf_taken;                          \
    })

#endif
