/* The conversations of a run: between the supervisor and the sandbox's init, between that and the command until it is
 * executed, and between the supervisor and its owner, where that is another process. */
#ifndef HF_LAUNCH_CHANNEL_H
#define HF_LAUNCH_CHANNEL_H

#include <stdint.h>

#include "base/error.h"
#include "enforce/cgroup.h"

enum hf_message_kind {
    HF_MESSAGE_SOCKETS,   /* from inside: here is its sock_diag socket; comes with a descriptor, or without */
    HF_MESSAGE_PROCESSES, /* from inside: here is its /proc; comes with a descriptor */
    HF_MESSAGE_LISTENING, /* from inside: here is the proxy's socket; comes with a descriptor */
    HF_MESSAGE_PROXY_UP,  /* to inside: it is being served */
    HF_MESSAGE_WATCHED,   /* from the command: here is the listener of its calls; comes with a descriptor */
    HF_MESSAGE_EXECUTING, /* from inside: everything is enforced, execve is next */
    HF_MESSAGE_FAILED,    /* from inside: it is not, and why */
    HF_MESSAGE_STARTED,   /* from inside: the command has been executed */
    HF_MESSAGE_STOPPED,   /* from inside: the command was stopped */
    HF_MESSAGE_ENDED,     /* from inside: the command has ended, with wait status `number` */
    HF_MESSAGE_SIGNAL,    /* to inside: send the command signal `number` */
    HF_MESSAGE_SUPERVISOR, /* to the owner: here am I; comes with a descriptor of the process */
};

struct hf_message {
    enum hf_message_kind kind;
    uint16_t port;
    int number;
    struct hf_exit ended; /* to the owner, with ENDED */
    struct hf_hits hits;   /* and what the limits did to it */
    struct hf_error *error; /* sent with FAILED alone, which puts it there; a receiver who has no place for it says NULL */
};

/* A pair of close-on-exec sockets that keep messages whole: an exec closes the child's end, which is the sign that it
 * went well. */
bool hf_channel_open(int ends[2]);

/* Sends a message, with a descriptor unless `fd` is -1. */
bool hf_channel_send(int end, const struct hf_message *message, int fd);

/* 1 with a message (and *fd, -1 when none came; the caller closes it), 0 at the end, -1 on failure. */
int hf_channel_receive(int end, struct hf_message *message, int *fd);

/* True where the other end is closed: its process is gone. */
bool hf_channel_ended(int end);

#endif
