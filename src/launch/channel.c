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

/* The message up to its pointer and, in messages that have it, what that points to: pages, which no other message touches. */
#define HEAD offsetof(struct hf_message, error)

static size_t parts_of(const struct hf_message *message, struct iovec parts[2])
{
    parts[0] = (struct iovec){.iov_base = (void *)(uintptr_t)message, .iov_len = HEAD};
    parts[1] = (struct iovec){.iov_base = message->error, .iov_len = sizeof(*message->error)};
    return message->error ? 2 : 1;
}

static size_t length_of(const struct hf_message *message)
{
    return message->kind == HF_MESSAGE_FAILED ? HEAD + sizeof(*message->error) : HEAD;
}

union control {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr alignment;
};

bool hf_channel_send(int end, const struct hf_message *message, int fd)
{
    struct iovec parts[2];
    union control control = {.bytes = {0}};
    struct msghdr header = {.msg_iov = parts, .msg_iovlen = 1};
    ssize_t sent;

    if (parts_of(message, parts) == 2 && message->kind == HF_MESSAGE_FAILED)
        header.msg_iovlen = 2;
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
    return sent == (ssize_t)length_of(message);
}

int hf_channel_receive(int end, struct hf_message *message, int *fd)
{
    struct iovec parts[2];
    union control control;
    struct msghdr header = {.msg_iov = parts,
                            .msg_iovlen = parts_of(message, parts),
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
    return got >= (ssize_t)HEAD && got == (ssize_t)length_of(message) ? 1 : -1;
}

bool hf_channel_ended(int end)
{
    char byte;

    return recv(end, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT) == 0;
}
