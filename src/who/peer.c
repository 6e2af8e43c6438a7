/* By sock_diag(7), one request and one answer, in raw netlink: with libmnl the file would be longer by what it takes to
 * walk one message of fixed size. A kernel whose tcp_diag is a module that cannot be loaded answers ENOENT; the same is
 * then read from the table of /proc/net, at a cost that grows with the connections (proc_net(5)). */
#include "who/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
};

union answer {
    struct nlmsghdr header;
    char bytes[4096];
};

/* A kernel's errors are -1 to -4095 (include/linux/err.h). */
static int errno_of(int error)
{
    return error < 0 && error >= -4095 ? -error : EPROTO;
}

/* A listening socket at the client's port answers too where the connection is gone (inet_lookup), and inode 0 is a
 * socket that no descriptor leads to any more: neither is who asks. */
static bool take_answer(const union answer *answer, size_t length, const struct request *request, uint64_t *inode)
{
    const struct inet_diag_msg *found = NLMSG_DATA(&answer->header);
    const struct nlmsgerr *failed = NLMSG_DATA(&answer->header);

    if (!NLMSG_OK(&answer->header, length) || answer->header.nlmsg_seq != request->header.nlmsg_seq)
        errno = EPROTO;
    else if (answer->header.nlmsg_type == NLMSG_ERROR && answer->header.nlmsg_len >= NLMSG_LENGTH(sizeof(*failed)))
        errno = errno_of(failed->error);
    else if (answer->header.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
             answer->header.nlmsg_len < NLMSG_LENGTH(sizeof(*found)))
        errno = EPROTO;
    else if (found->id.idiag_sport != request->body.id.idiag_sport ||
             found->id.idiag_dport != request->body.id.idiag_dport || found->idiag_inode == 0)
        errno = ESRCH;
    else {
        *inode = found->idiag_inode;
        return true;
    }
    return false;
}

static bool ask(int netlink, const struct sockaddr_in *client, const struct sockaddr_in *proxy, uint64_t *inode)
{
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    struct request request = {
        .header = {.nlmsg_len = sizeof(request), .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST,
                   .nlmsg_seq = ntohs(client->sin_port)},
        .body = {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP, .idiag_states = ~0U,
                 .id = {.idiag_sport = client->sin_port, .idiag_dport = proxy->sin_port,
                        .idiag_src = {client->sin_addr.s_addr}, .idiag_dst = {proxy->sin_addr.s_addr},
                        .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}},
    };
    union answer answer;
    ssize_t got;

    if (sendto(netlink, &request, sizeof(request), 0, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
        return false;
    got = recv(netlink, &answer, sizeof(answer), MSG_DONTWAIT); /* the kernel has answered within sendto(2) */
    return got >= 0 && take_answer(&answer, (size_t)got, &request, inode);
}

/* The address as the table has it: words of the machine's own order, in hexadecimal; of an IPv6 socket that speaks IPv4
 * the last word. */
static bool is_line_of(const char *line, const struct sockaddr_in *client, const struct sockaddr_in *proxy,
                       uint64_t *inode)
{
    char from[33], to[33];
    unsigned from_port, to_port;
    char want_from[9], want_to[9];

    if (sscanf(line, " %*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %*s %*s %*s %*s %*s %*s %" SCNu64, from, &from_port, to,
               &to_port, inode) != 5 || strlen(from) < 8 || strlen(to) < 8)
        return false;
    snprintf(want_from, sizeof(want_from), "%08X", client->sin_addr.s_addr);
    snprintf(want_to, sizeof(want_to), "%08X", proxy->sin_addr.s_addr);
    return from_port == ntohs(client->sin_port) && to_port == ntohs(proxy->sin_port) && *inode != 0 &&
           strcmp(from + strlen(from) - 8, want_from) == 0 && strcmp(to + strlen(to) - 8, want_to) == 0;
}

/* 1 is the sandbox's init, which is there as long as the sandbox. */
static bool read_table(int processes, const char *table, const struct sockaddr_in *client,
                       const struct sockaddr_in *proxy, uint64_t *inode)
{
    const int fd = openat(processes, table, O_RDONLY | O_CLOEXEC);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
    char line[512];
    bool is_found = false;

    if (!stream) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    while (!is_found && fgets(line, sizeof(line), stream))
        is_found = is_line_of(line, client, proxy, inode);
    fclose(stream);
    errno = ESRCH;
    return is_found;
}

bool hf_peer_inode(const struct hf_inside *inside, const struct sockaddr_in *client, const struct sockaddr_in *proxy,
                   uint64_t *inode)
{
    if (inside->sockets >= 0 && ask(inside->sockets, client, proxy, inode))
        return true;
    if (inside->sockets >= 0 && errno != ENOENT)
        return false;
    return read_table(inside->processes, "1/net/tcp", client, proxy, inode) ||
           read_table(inside->processes, "1/net/tcp6", client, proxy, inode);
}
