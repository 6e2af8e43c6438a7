/* A request for a WebSocket at an http:// address, which one it is when its server agrees, and not before: what a client writes
 * behind it would be another request to a server that did not. */
#ifndef HF_PROXY_UPGRADE_H
#define HF_PROXY_UPGRADE_H

#include "proxy/server.h"

struct hf_upgrade;

struct hf_upgrade *hf_upgrade_new(void); /* NULL: no memory */
void hf_upgrade_free(struct hf_upgrade *upgrade); /* NULL is fine */

/* Sends the request and reads the answer's head. True once there is one, and the connection is a tunnel from then on: both
 * ways, or, where the server did not agree, to the end of its answer. False: it waits, or has been closed or drained. */
bool hf_upgrade_continue(struct hf_connection *connection);

#endif
