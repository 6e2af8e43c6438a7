/* The conversation between the supervisor and the child that becomes the command. */
#ifndef HF_LAUNCH_CHANNEL_H
#define HF_LAUNCH_CHANNEL_H

#include <stdint.h>

#include "base/error.h"

enum hf_message_kind {
    HF_MESSAGE_LISTENING, /* child: here is the proxy's socket; comes with a descriptor */
    HF_MESSAGE_PROXY_UP,  /* supervisor: it is being served */
    HF_MESSAGE_EXECUTING, /* child: everything is enforced, execve is next */
    HF_MESSAGE_FAILED,    /* child: it is not, and why */
};

struct hf_message {
    enum hf_message_kind kind;
    uint16_t port;
    struct hf_error error;
};

/* A pair of close-on-exec sockets that keep messages whole: an exec closes the child's end, which is the sign that it
 * went well. */
bool hf_channel_open(int ends[2]);

/* Sends a message, with a descriptor unless `fd` is -1. */
bool hf_channel_send(int end, const struct hf_message *message, int fd);

/* 1 with a message (and *fd, -1 when none came; the caller closes it), 0 at the end, -1 on failure. */
int hf_channel_receive(int end, struct hf_message *message, int *fd);

#endif
