/* The sandbox's own network namespace. */
#ifndef HF_ENFORCE_NETWORK_H
#define HF_ENFORCE_NETWORK_H

#include <stdint.h>

#include "base/error.h"

/* Moves the calling process into a network namespace of its own with loopback up; where it is not privileged, into a
 * user namespace first, in which its user and group are what they were. */
bool hf_network_enter(bool privileged, struct hf_error *error);

/* A listening TCP socket on 127.0.0.1 in the calling process's namespace; *port is what the kernel chose. -1 on failure.
 * The caller closes it. */
int hf_network_listen(uint16_t *port, struct hf_error *error);

#endif
