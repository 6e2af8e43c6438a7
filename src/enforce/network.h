/* The sandbox's own network namespace. */
#ifndef HF_ENFORCE_NETWORK_H
#define HF_ENFORCE_NETWORK_H

#include <stdint.h>

#include "base/error.h"

/* Brings the loopback device of the calling process's own network namespace up. */
bool hf_network_bring_up(struct hf_error *error);

/* A listening TCP socket on 127.0.0.1 in the calling process's namespace; *port is what the kernel chose. -1 on failure.
 * The caller closes it. */
int hf_network_listen(uint16_t *port, struct hf_error *error);

#endif
