/* Attempts on a server by every way that there is to it: directly, by whatever the name or number resolves to, and through
 * the proxy where there is one; and by other calls and protocols than connect(2) of a TCP socket. */
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define TIMEOUT_SECONDS 5

enum way { WAY_CONNECT, WAY_FASTOPEN, WAY_MPTCP, WAY_SCTP };

static const char *const names[] = {"connect", "fastopen", "mptcp", "sctp"};

static enum way way_of(const char *name)
{
    enum way way = WAY_CONNECT;

    while (way < WAY_SCTP && strcmp(names[way], name) != 0)
        way++;
    return way;
}

bool probe_way_known(const char *name)
{
    return strcmp(names[way_of(name)], name) == 0;
}

static int go(const struct addrinfo *to, enum way way)
{
    const struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    const int protocol = way == WAY_MPTCP ? IPPROTO_MPTCP : way == WAY_SCTP ? IPPROTO_SCTP : 0;
    hf_autoclose int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, protocol);

    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (way == WAY_FASTOPEN)
        return sendto(fd, "\n", 1, MSG_FASTOPEN | MSG_NOSIGNAL, to->ai_addr, to->ai_addrlen) < 0 ? errno : 0;
    return connect(fd, to->ai_addr, to->ai_addrlen) < 0 ? errno : 0;
}

/* The first address that answers counts, else the last that does not. */
static int directly(const char *host, const char *port, enum way way)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int errnum = EHOSTUNREACH;

    if (getaddrinfo(host, port, &wanted, &found) != 0)
        return EHOSTUNREACH;
    for (const struct addrinfo *one = found; one && errnum; one = one->ai_next)
        errnum = go(one, way);
    freeaddrinfo(found);
    return errnum;
}

int probe_reach(char *const *arguments, FILE *answer)
{
    const int errnum = directly(arguments[0], arguments[1], WAY_CONNECT);

    return errnum && getenv("HTTPS_PROXY") ? probe_http(arguments, answer) : errnum;
}

int probe_tcp_by(char *const *arguments, FILE *answer)
{
    (void)answer;
    return directly(arguments[1], arguments[2], way_of(arguments[0]));
}

/* The flags that the first interface has already. */
int probe_interface_up(char *const *arguments, FILE *answer)
{
    hf_autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_ifindex = 1};

    (void)arguments;
    (void)answer;
    if (fd < 0 || ioctl(fd, SIOCGIFNAME, &request) < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
        return errno;
    return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? errno : 0;
}
