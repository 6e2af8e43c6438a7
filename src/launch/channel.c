/* Messages with descriptors over a SOCK_SEQPACKET pair (unix(7), cmsg(3)). */
#include "launch/channel.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

bool hf_channel_open(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
}

/* What went wrong is a page, and goes only with the message that says so. */
static size_t message_length(const struct hf_message *message)
{
    return message->kind == HF_MESSAGE_FAILED ? sizeof(*message) : offsetof(struct hf_message, error);
}

union control {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
};

bool hf_channel_send(int end, const struct hf_message *message, int fd)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = message_length(message)};
    union control control = {.bytes = {0}};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent;

    if (fd >= 0) {
        struct cmsghdr *attached;

        header.msg_control = control.bytes;
        header.msg_controllen = sizeof(control.bytes);
        attached = CMSG_FIRSTHDR(&header);
        attached->cmsg_level = SOL_SOCKET;
        attached->cmsg_type = SCM_RIGHTS;
        attached->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(attached), &fd, sizeof(int));
    }
    do
        sent = sendmsg(end, &header, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)message_length(message);
}

int hf_channel_receive(int end, struct hf_message *message, int *fd)
{
    struct iovec part = {.iov_base = message, .iov_len = sizeof(*message)};
    union control control;
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof(control.bytes)};
    const struct cmsghdr *attached;
    ssize_t got;

    *fd = -1;
    do
        got = recvmsg(end, &header, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return (int)got;
    attached = CMSG_FIRSTHDR(&header);
    if (attached && attached->cmsg_level == SOL_SOCKET && attached->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(attached), sizeof(int));
    return got >= (ssize_t)sizeof(message->kind) && got == (ssize_t)message_length(message) ? 1 : -1;
}

bool hf_channel_ended(int end)
{
    char byte;

    return recv(end, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT) == 0;
}
