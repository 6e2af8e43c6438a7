/* What the proxy refused, from its log. */
#ifndef HF_WHY_PROXIED_H
#define HF_WHY_PROXIED_H

#include "why/observe.h"

/* A file in memory for the log, or -1. */
int hf_proxied_open(void);

/* Tells of each refusal in the log; the proxy must have ended. */
void hf_proxied_tell(struct hf_observer *observer, int log);

/* Writes what is in the log to the end of another. */
void hf_proxied_copy(int log, int to);

/* Whether a policy can name what was refused, as `act` of a sighting says. */
bool hf_proxied_is_host(const char *act);

/* Whether a rule of an endpoint could allow it: then its path is "METHOD HOST:PORT/PATH". */
bool hf_proxied_is_rule(const char *act);

#endif
