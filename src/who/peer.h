/* The socket at the other end of an accepted connection. */
#ifndef HF_WHO_PEER_H
#define HF_WHO_PEER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "who/inside.h"

/* The inode of the socket in the sandbox that is bound to `client` and connected to `proxy`. False with errno: ESRCH
 * where there is none, or no process has it any more. */
bool hf_peer_inode(const struct hf_inside *inside, const struct sockaddr_in *client, const struct sockaddr_in *proxy,
                   uint64_t *inode);

#endif
