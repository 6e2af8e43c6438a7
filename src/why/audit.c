/* NETLINK_AUDIT: the status by AUDIT_GET, the records by the group for readers (kernel/audit.c, audit_log_multicast).
 */
#include "why/audit.h"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

#define RECORD_MAX 9216 /* MAX_AUDIT_MESSAGE_LENGTH is 8970 */
#define BUFFER (4 << 20)

union message {
    struct nlmsghdr header;
    char room[RECORD_MAX];
};

static int open_group(unsigned groups)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    hf_autoclose int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

    return fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ? hf_steal(fd, -1) : -1;
}

/* Its text ends with a NUL. False where nothing came in time. */
static bool receive(int fd, int milliseconds, union message *message)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    ssize_t got;

    if (poll(&readable, 1, milliseconds) <= 0)
        return false;
    got = recv(fd, message->room, sizeof(message->room) - 1, MSG_DONTWAIT);
    if (got < (ssize_t)sizeof(message->header))
        return false;
    message->room[got] = '\0';
    return true;
}

static bool is_enabled(void)
{
    const struct nlmsghdr ask = {.nlmsg_len = sizeof(ask), .nlmsg_type = AUDIT_GET, .nlmsg_flags = NLM_F_REQUEST};
    hf_autoclose int fd = open_group(0);
    union message answer;

    if (fd < 0 || send(fd, &ask, sizeof(ask), 0) != (ssize_t)sizeof(ask))
        return false;
    while (receive(fd, 1000, &answer)) {
        const struct audit_status *status = NLMSG_DATA(&answer.header);

        if (answer.header.nlmsg_type == AUDIT_GET)
            return status->enabled;
        if (answer.header.nlmsg_type == NLMSG_ERROR)
            return false;
    }
    return false;
}

void hf_audit_open(struct hf_audit *audit)
{
    const int buffer = BUFFER;

    *audit = (struct hf_audit){.log = is_enabled() ? open_group(1U << (AUDIT_NLGRP_READLOG - 1)) : -1};
    if (audit->log >= 0)
        (void)setsockopt(audit->log, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
}

/* Whether a denial is complete, and the sandbox's. */
static bool is_ours(struct hf_audit *audit, struct hf_record *record)
{
    *record = audit->open;
    audit->open = (struct hf_record){0};
    return record->type && record->domain == audit->domain;
}

/* True with a denial that the record completes. */
static bool take(struct hf_audit *audit, pid_t command, const struct hf_record *got, struct hf_record *record)
{
    switch (got->type) {
    case HF_RECORD_DOMAIN:
        if (got->pid == command)
            audit->domain = got->domain;
        return false;
    case HF_RECORD_SYSCALL:
        if (audit->open.type && audit->open.event == got->event) {
            audit->open.pid = got->pid;
            memcpy(audit->open.process, got->process, sizeof(got->process));
        }
        return false;
    case HF_RECORD_END:
        return audit->open.event == got->event && is_ours(audit, record);
    default:
        audit->open = *got;
        return false;
    }
}

/* The records of the whole machine come by, and may never cease. */
static int left_until(const struct timespec *deadline)
{
    struct timespec now;
    long left;

    if (!deadline)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    left = (deadline->tv_sec - now.tv_sec) * 1000 + (deadline->tv_nsec - now.tv_nsec) / 1000000;
    return left > 0 ? (int)left : 0;
}

bool hf_audit_next(struct hf_audit *audit, pid_t command, const struct timespec *deadline, struct hf_record *record)
{
    union message message;

    while (audit->log >= 0 && receive(audit->log, left_until(deadline), &message)) {
        struct hf_record got;

        if (hf_record_read(message.header.nlmsg_type, NLMSG_DATA(&message.header), &got) &&
            take(audit, command, &got, record))
            return true;
    }
    return false;
}

void hf_audit_close(struct hf_audit *audit)
{
    if (audit->log >= 0)
        close(audit->log);
    audit->log = -1;
}
