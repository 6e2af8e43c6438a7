/* What of the sandbox's inside is handed out to look at its sockets and processes. */
#ifndef HF_WHO_INSIDE_H
#define HF_WHO_INSIDE_H

#include "base/error.h"

struct hf_inside {
    int sockets;   /* a NETLINK_SOCK_DIAG socket of its network namespace, or -1 where the kernel has none */
    int processes; /* the folder of its /proc, or -1: nobody can be found */
};

/* Opens both; the caller is inside. */
bool hf_inside_open(struct hf_inside *inside, struct hf_error *error);

void hf_inside_close(struct hf_inside *inside);

#endif
