/* The filtering proxy: HTTP CONNECT and http:// requests, on a listening socket that was born in the sandbox's network
 * namespace and is served from outside. */
#ifndef HF_PROXY_PROXY_H
#define HF_PROXY_PROXY_H

#include <sys/types.h>

#include "policy/policy.h"
#include "proxy/tally.h"
#include "proxy/terminator.h"
#include "who/who.h"

/* What it serves, and by what. It owns none of this. */
struct hf_proxy {
    int listener; /* a listening TCP socket, non-blocking or not */
    int stop;     /* its end of file is the proxy's end */
    int log;      /* gets a line of JSON for each decision, in this format; -1: nobody does */
    enum hf_log_format format;
    int control;  /* a listening UNIX socket by which the networks can be changed (control/socket.h), or -1 */
    uid_t owner;  /* who may, beside root */
    struct hf_tally *tally;         /* counts denials, or NULL */
    const struct hf_policy *policy; /* whose networks it goes by, until there are others */
    struct hf_who *who;             /* tells programs apart; NULL: none is in any `binaries` */
    const struct hf_terminator *terminator; /* must be there where the policy ends TLS somewhere, else it may be NULL */
};

/* Serves until it is told to stop: 0 then, or an errno when it could not start serving. Never touches the file system for
 * anything but name resolution, the programs that ask, and where the paths of `binaries` lead. */
int hf_proxy_serve(const struct hf_proxy *proxy);

#endif
