/* Messages with descriptors over a SOCK_SEQPACKET pair (unix(7), cmsg(3)). */
#include "launch/channel.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool hf_channel_open(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
}

/* The message up to its pointer and, in messages that have it, what that points to: pages, which no other message touches. */
#define HEAD offsetof(struct hf_message, error)
#define PARTS 2

struct parts {
    struct iovec all[PARTS];
};

static struct parts parts_of(const struct hf_message *message, bool has_error)
{
    return (struct parts){
        .all = {{.iov_base = (void *)(uintptr_t)message, .iov_len = HEAD},
                {.iov_base = message->error, .iov_len = has_error ? sizeof(*message->error) : 0}}};
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
    struct parts parts = parts_of(message, message->kind == HF_MESSAGE_FAILED);
    union control control;
    struct msghdr header = {.msg_iov = parts.all, .msg_iovlen = PARTS};

    if (fd >= 0) {
        struct cmsghdr *attached;

        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_LEN(sizeof(int));
        attached = CMSG_FIRSTHDR(&header);
        attached->cmsg_level = SOL_SOCKET;
        attached->cmsg_type = SCM_RIGHTS;
        attached->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(attached), &fd, sizeof(int));
    }
    return TEMP_FAILURE_RETRY(sendmsg(end, &header, MSG_NOSIGNAL)) == (ssize_t)length_of(message);
}

int hf_channel_receive(int end, struct hf_message *message, int *fd)
{
    struct parts parts = parts_of(message, message->error);
    union control control;
    struct msghdr header = {.msg_iov = parts.all,
                            .msg_iovlen = PARTS,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof(control.bytes)};
    const struct cmsghdr *attached;
    ssize_t got;

    *fd = -1;
    /* An end that was closed with something unread was reset, which is told once; what it had said comes after that. */
    do
        got = recvmsg(end, &header, MSG_CMSG_CLOEXEC);
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got <= 0)
        return (int)got;
    attached = CMSG_FIRSTHDR(&header);
    if (attached && attached->cmsg_level == SOL_SOCKET && attached->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(attached), sizeof(int));
    return got == (ssize_t)length_of(message) ? 1 : -1;
}

bool hf_channel_ended(int end)
{
    char byte;
    const ssize_t got = TEMP_FAILURE_RETRY(recv(end, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT));

    return got == 0 || (got < 0 && errno != EAGAIN);
}
