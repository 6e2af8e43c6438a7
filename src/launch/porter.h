/* The porter: a process beside the proxy that finds out who asks (who/who.h), for which it may look into the sandbox's
 * processes. It has no network, and reads nothing that comes from one. */
#ifndef HF_LAUNCH_PORTER_H
#define HF_LAUNCH_PORTER_H

#include "launch/launch.h"
#include "who/who.h"

/* Forks it; who asks `who` is to ask at *door (hf_who_ask_at), where a message comes first: HF_MESSAGE_PROXY_UP once it is
 * confined, or HF_MESSAGE_FAILED. Returns its pid, or -1. */
pid_t hf_porter_start(const struct hf_launch *launch, struct hf_inside *inside, struct hf_who *who, int *door,
                      struct hf_error *error);

#endif
