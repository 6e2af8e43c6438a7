/* Attempts on sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

#define TIMEOUT_SECONDS 5 /* for an answer; a guest under software emulation is slow */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

/* False when the text is no address. */
static bool internet_address(const char *text, const char *port, union address *address, socklen_t *length)
{
    const in_port_t number = htons((uint16_t)strtoul(port, NULL, 10));

    memset(address, 0, sizeof(*address));
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = number;
        *length = sizeof(address->v4);
        return true;
    }
    memset(address, 0, sizeof(*address));
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = number;
        *length = sizeof(address->v6);
        return true;
    }
    return false;
}

bool probe_address_valid(const char *text)
{
    union address address;
    socklen_t length;

    return internet_address(text, "0", &address, &length);
}

int probe_tcp_open(const char *text, const char *port, int *result)
{
    const struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    hf_autoclose int fd = -1;
    union address address;
    socklen_t length;

    if (!internet_address(text, port, &address, &length))
        return EINVAL;
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
        return errno;
    if (connect(fd, &address.any, length) < 0)
        return errno == EINPROGRESS ? ETIMEDOUT : errno; /* SO_SNDTIMEO: see socket(7) */
    *result = hf_steal(fd, -1);
    return 0;
}

int probe_tcp_connect(char *const *arguments, FILE *answer)
{
    hf_autoclose int fd = -1;

    (void)answer;
    return probe_tcp_open(arguments[0], arguments[1], &fd);
}

int probe_tcp_bind(char *const *arguments, FILE *answer)
{
    const int yes = 1;
    hf_autoclose int fd = -1;
    union address address;
    socklen_t length;

    (void)answer;
    if (!internet_address(arguments[0], arguments[1], &address, &length))
        return EINVAL;
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    /* A connection of an earlier probe in TIME_WAIT is not what this one asks about; a listener still is. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
        return errno;
    return bind(fd, &address.any, length) < 0 ? errno : 0;
}

/* sendto(2) says only that the datagram left, and in a network namespace of its own a sandbox may send to 127.0.0.1 as it
 * likes: ok is an answer. IP_RECVERR (ip(7), ipv6(7)) lets a refusal be heard without connect(2), which would be another
 * attempt than this. */
int probe_udp_send(char *const *arguments, FILE *answer)
{
    const struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    const int yes = 1;
    hf_autoclose int fd = -1;
    union address address;
    socklen_t length;
    char byte = '\n';

    (void)answer;
    if (!internet_address(arguments[0], arguments[1], &address, &length))
        return EINVAL;
    fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (address.any.sa_family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_RECVERR, &yes, sizeof(yes)) < 0
                                         : setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &yes, sizeof(yes)) < 0)
        return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
        sendto(fd, &byte, sizeof(byte), MSG_NOSIGNAL, &address.any, length) < 0)
        return errno;
    if (recv(fd, &byte, sizeof(byte), 0) < 0)
        return errno == EAGAIN ? ETIMEDOUT : errno; /* SO_RCVTIMEO: see socket(7) */
    return 0;
}

/* `first` is where the name begins in sun_path: 1 for an abstract one (unix(7)). False when it is too long. */
static bool local_address(const char *name, size_t first, union address *address, socklen_t *size)
{
    const size_t length = strlen(name);

    *address = (union address){.local = {.sun_family = AF_UNIX}};
    if (first + length > sizeof(address->local.sun_path))
        return false;
    memcpy(address->local.sun_path + first, name, length);
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + first + length);
    return true;
}

static int connect_local(const char *name, size_t first)
{
    const struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    union address address;
    socklen_t size;
    hf_autoclose int fd = -1;

    if (!local_address(name, first, &address, &size))
        return ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
        return errno;
    return connect(fd, &address.any, size) < 0 ? errno : 0;
}

int probe_unix_connect(char *const *arguments, FILE *answer)
{
    (void)answer;
    return connect_local(arguments[0], 0);
}

/* A pair has no peer to choose, and needs neither socket(2) nor connect(2), which a filter may be looking at. */
int probe_unix_send(char *const *arguments, FILE *answer)
{
    union address address;
    socklen_t size;
    int pair[2], errnum;

    (void)answer;
    if (!local_address(arguments[0], 0, &address, &size))
        return ENAMETOOLONG;
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
        return errno;
    errnum = sendto(pair[0], "\n", 1, MSG_NOSIGNAL, &address.any, size) < 0 ? errno : 0;
    close(pair[0]);
    close(pair[1]);
    return errnum;
}

int probe_abstract_connect(char *const *arguments, FILE *answer)
{
    (void)answer;
    return connect_local(arguments[0], 1);
}

int probe_socket(char *const *arguments, FILE *answer)
{
    hf_autoclose int fd = socket((int)strtol(arguments[0], NULL, 10), (int)strtol(arguments[1], NULL, 10),
                                 (int)strtol(arguments[2], NULL, 10));

    (void)answer;
    return fd < 0 ? errno : 0;
}

int probe_netns_interfaces(char *const *arguments, FILE *answer)
{
    struct if_nameindex *list = if_nameindex();

    (void)arguments;
    if (!list)
        return errno;
    if (!list[0].if_name)
        fputs("none", answer);
    for (const struct if_nameindex *entry = list; entry->if_name; entry++)
        fprintf(answer, "%s%s", entry == list ? "" : ",", entry->if_name);
    if_freenameindex(list);
    return 0;
}
