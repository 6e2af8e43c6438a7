/* The process that serves the proxy. */
#ifndef HF_LAUNCH_PROXY_PROCESS_H
#define HF_LAUNCH_PROXY_PROCESS_H

#include "launch/launch.h"
#include "who/inside.h"

struct hf_proxy_process {
    pid_t pid;    /* 0: none */
    pid_t porter; /* the process that finds out who asks; 0: none */
    int stop;  /* closing it ends the process */
    bool logs; /* and it has something to say then */
};

/* Forks the process that serves `listener` outside of the sandbox, without privileges, and where there is an `inside` the one
 * that finds out who asks; `ruleset` is hf_confine_prepare's. True when they serve. */
bool hf_proxy_process_start(const struct hf_launch *launch, int listener, struct hf_inside *inside, int ruleset,
                            struct hf_proxy_process *proxy, struct hf_error *error);

/* Ends it all where one has ended by itself; true when one has. */
bool hf_proxy_process_ended(struct hf_proxy_process *proxy);

/* Ends and reaps it. */
void hf_proxy_process_stop(struct hf_proxy_process *proxy);

#endif
