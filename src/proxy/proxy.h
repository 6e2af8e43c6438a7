/* The filtering proxy: HTTP CONNECT and http:// requests, on a listening socket that was born in the sandbox's network
 * namespace and is served from outside. */
#ifndef HF_PROXY_PROXY_H
#define HF_PROXY_PROXY_H

#include "policy/policy.h"
#include "proxy/tally.h"
#include "proxy/terminator.h"
#include "who/who.h"

/* Serves `listener` (a listening TCP socket, non-blocking or not) by the policy's networks until `stop` reads end of
 * file or the process is told to end. One JSON line for each decision goes to `log` unless it is -1, in this format,
 * and denials are counted in `tally` unless it is NULL. `who` tells programs apart; where that is NULL, none is in any
 * `binaries`. Where the policy ends TLS somewhere there must be a `terminator`, which else may be NULL. Owns none of the
 * descriptors. Returns 0 after a stop, or an errno when it could not start serving. Never touches the file system for
 * anything but name resolution and the programs that ask. */
int hf_proxy_serve(int listener, int stop, int log, enum hf_log_format format, struct hf_tally *tally,
                   const struct hf_policy *policy, struct hf_who *who, const struct hf_terminator *terminator);

#endif
