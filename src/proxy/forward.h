/* A request for an http:// address, as its server is to get it. Pure. */
#ifndef HF_PROXY_FORWARD_H
#define HF_PROXY_FORWARD_H

#include "proxy/head.h"

/* A head grows by no more than the Host field, `Connection: close`, and a blank for each field; and by its path, where the
 * caller has put a canonical one in its place, which is in bounds of its own (rest/target.h). */
#define HF_FORWARD_MAX (2 * HF_HEAD_LIMIT + HF_TARGET_HOST_SIZE + 256)

/* Writes the head in origin form and returns its length: Host first and made anew from the target, all fields that are for
 * this hop alone left out, and the connection said to end with the answer, since only one request is read from it, or, where
 * it wants that, to become a WebSocket. */
size_t hf_forward_head(const struct hf_head *head, char text[static HF_FORWARD_MAX]);

/* The same of a request inside of a tunnel, for what was judged: the connection to the server is this client's alone, and ends
 * when the head says that the client's does. */
size_t hf_forward_head_inside(const struct hf_head *head, struct hf_span target, bool to_websocket,
                              char text[static HF_FORWARD_MAX + HF_HEAD_LIMIT]);

#endif
