/* From a call to what it reaches for: places looked up, judged, told to the observer's `sight`. */
#ifndef HF_WHY_SIGHT_H
#define HF_WHY_SIGHT_H

#include <sys/socket.h>
#include <sys/un.h>

#include "why/observe.h"

/* A call and what its arguments point to. */
struct hf_reached {
    pid_t pid; /* whose root, working directory and descriptors count */
    struct hf_call call;
    char text[2][PATH_MAX];
    union {
        struct sockaddr any;
        struct sockaddr_un path;
        struct sockaddr_storage room;
    } address;
    size_t address_length;
};

/* False where it could not be told what it reaches for. */
bool hf_sight(struct hf_observer *observer, struct hf_reached *reached);

/* The same of a call that the filter denies. */
void hf_sight_denied(struct hf_observer *observer, pid_t pid, const struct seccomp_data *data);

/* The same of a denial that the kernel has recorded. */
void hf_sight_record(struct hf_observer *observer, const struct hf_record *record);

#endif
