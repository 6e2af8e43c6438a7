/* What a run answers to who asks it by its control socket. */
#ifndef HF_PROXY_CONTROL_H
#define HF_PROXY_CONTROL_H

#include "proxy/server.h"

/* Has the networks of a policy, a message of src/wire, judge from now on. False: *reasons has why not, and nothing has changed.
 * The caller frees *reasons. */
bool hf_control_update(struct hf_server *server, const char *bytes, size_t length, struct hf_diagnostics *reasons);

/* What is going on, as a JSON document of at most HF_CONTROL_MAX bytes. The caller frees it; NULL: no memory. */
char *hf_control_look(struct hf_server *server, size_t *length);

#endif
