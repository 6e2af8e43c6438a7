/* "The outside" of the sandbox: sockets, and a process to be signalled. */
#include "outside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\noutside\n";

#define CLONE_CHILD ((int)__WCLONE) /* an unsigned constant for an int parameter */

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
};

#define ABSTRACT "\0hf-outside"

static const struct place {
    const char *name;
    int type;
    socklen_t length;
    union address address;
} places[OUTSIDE_SOCKETS] = {
    {"127.0.0.1:8080",
     SOCK_STREAM,
     sizeof(struct sockaddr_in),
     {.in = {.sin_family = AF_INET, .sin_port = 0x901f, .sin_addr.s_addr = 0x0100007f}}},
    {"[::1]:8080",
     SOCK_STREAM,
     sizeof(struct sockaddr_in6),
     {.in6 = {.sin6_family = AF_INET6, .sin6_port = 0x901f, .sin6_addr = IN6ADDR_LOOPBACK_INIT}}},
    {"192.0.2.1:80",
     SOCK_STREAM,
     sizeof(struct sockaddr_in),
     {.in = {.sin_family = AF_INET, .sin_port = 0x5000, .sin_addr.s_addr = 0x010200c0}}},
    {"169.254.169.254:80",
     SOCK_STREAM,
     sizeof(struct sockaddr_in),
     {.in = {.sin_family = AF_INET, .sin_port = 0x5000, .sin_addr.s_addr = 0xfea9fea9}}},
    {"192.0.2.1:443",
     SOCK_DGRAM,
     sizeof(struct sockaddr_in),
     {.in = {.sin_family = AF_INET, .sin_port = 0xbb01, .sin_addr.s_addr = 0x010200c0}}},
    {"192.0.2.1:53",
     SOCK_DGRAM,
     sizeof(struct sockaddr_in),
     {.in = {.sin_family = AF_INET, .sin_port = 0x3500, .sin_addr.s_addr = 0x010200c0}}},
    {"127.0.0.1:8081",
     SOCK_DGRAM,
     sizeof(struct sockaddr_in),
     {.in = {.sin_family = AF_INET, .sin_port = 0x911f, .sin_addr.s_addr = 0x0100007f}}},
    {"@hf-outside",
     SOCK_STREAM,
     offsetof(struct sockaddr_un, sun_path) + sizeof(ABSTRACT) - 1,
     {.un = {.sun_family = AF_UNIX, .sun_path = ABSTRACT}}},
    {OUTSIDE_SOCKET,
     SOCK_STREAM,
     sizeof(struct sockaddr_un),
     {.un = {.sun_family = AF_UNIX, .sun_path = OUTSIDE_SOCKET}}},
    {OUTSIDE_DATAGRAMS,
     SOCK_DGRAM,
     sizeof(struct sockaddr_un),
     {.un = {.sun_family = AF_UNIX, .sun_path = OUTSIDE_DATAGRAMS}}},
};

/* Whether connections to it are HTTP, or just taken and dropped. */
static bool is_http(size_t index)
{
    return index < 4;
}

static int open_place(const struct place *place)
{
    const int one = 1;
    const int fd = socket(place->address.any.sa_family, place->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (place->address.any.sa_family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (place->address.any.sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(fd, &place->address.any, place->length) < 0 || (place->type == SOCK_STREAM && listen(fd, 16) < 0)) {
        const int cause = errno;

        close(fd);
        errno = cause;
        return -1;
    }
    return fd;
}

bool outside_open(struct outside *outside)
{
    *outside = (struct outside){0};
    for (size_t i = 0; i < OUTSIDE_CONNECTIONS; i++)
        outside->connections[i].fd = -1;
    unlink(OUTSIDE_SOCKET);
    unlink(OUTSIDE_DATAGRAMS);
    for (size_t i = 0; i < OUTSIDE_SOCKETS; i++) {
        outside->sockets[i] = open_place(&places[i]);
        if (outside->sockets[i] < 0 && errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL) {
            fprintf(stderr, "cannot listen on %s: %s\n", places[i].name, strerror(errno));
            return false;
        }
    }
    return chmod(OUTSIDE_SOCKET, 0666) == 0 && chmod(OUTSIDE_DATAGRAMS, 0666) == 0;
}

/* Only system calls here: it is a fork that libc does not know of. Dumpable again after the change of user, so that a
 * process of the same user may trace it, as it may any other of its own. */
__attribute__((noreturn)) static void be_target(uid_t uid, gid_t gid, pid_t parent)
{
    if (syscall(SYS_setresgid, gid, gid, gid) < 0 || syscall(SYS_setresuid, uid, uid, uid) < 0)
        _exit(errno);
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_SET_NAME, "hf-outside");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    syscall(SYS_dup2, syscall(SYS_open, "/dev/null", O_RDONLY), 0); /* the one that others may try to get at */
    if (syscall(SYS_close_range, 1U, ~0U, 0U) < 0) /* which tells the parent that all of this is done */
        _exit(errno);
    while (syscall(SYS_getppid) == parent)
        pause();
    _exit(0);
}

pid_t outside_target(struct outside *outside, uid_t uid, gid_t gid)
{
    const pid_t self = getpid();
    int ready[2];
    char none;
    pid_t pid;

    if (outside->target && outside->target_uid == uid && outside->target_gid == gid &&
        waitpid(outside->target, NULL, WNOHANG | CLONE_CHILD) == 0)
        return outside->target;
    outside_end_target(outside);
    if (pipe2(ready, O_CLOEXEC) < 0)
        return -1;
    pid = (pid_t)syscall(SYS_clone, 0UL, NULL, NULL, NULL, 0UL); /* no exit signal: a "clone child" (waitpid(2)) */
    if (pid == 0)
        be_target(uid, gid, self);
    close(ready[1]);
    while (pid > 0 && read(ready[0], &none, 1) < 0 && errno == EINTR)
        ;
    close(ready[0]);
    if (pid > 0) {
        outside->target = pid;
        outside->target_uid = uid;
        outside->target_gid = gid;
    }
    return pid;
}

void outside_end_target(struct outside *outside)
{
    if (!outside->target)
        return;
    kill(outside->target, SIGKILL);
    waitpid(outside->target, NULL, CLONE_CHILD);
    outside->target = 0;
}

void outside_watch(const struct outside *outside, struct pollfd *watched)
{
    for (size_t i = 0; i < OUTSIDE_SOCKETS; i++)
        *watched++ = (struct pollfd){.fd = outside->sockets[i], .events = POLLIN};
    for (size_t i = 0; i < OUTSIDE_CONNECTIONS; i++)
        *watched++ = (struct pollfd){.fd = outside->connections[i].fd, .events = POLLIN};
}

static void drop(struct outside_connection *connection)
{
    close(connection->fd);
    connection->fd = -1;
}

/* Any request is answered, once it is whole, so that no byte is left unread: closing would reset the connection. */
static void serve_connection(struct outside_connection *connection)
{
    char *const end = connection->request + connection->got;
    const ssize_t got = read(connection->fd, end, sizeof(connection->request) - connection->got);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        drop(connection);
        return;
    }
    connection->got += (size_t)got;
    if (connection->got < sizeof(connection->request) && !memmem(connection->request, connection->got, "\r\n\r\n", 4))
        return;
    (void)!send(connection->fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
    drop(connection);
}

static struct outside_connection *unused(struct outside *outside)
{
    for (size_t i = 0; i < OUTSIDE_CONNECTIONS; i++)
        if (outside->connections[i].fd < 0)
            return &outside->connections[i];
    return NULL;
}

static void take_connections(struct outside *outside, size_t index)
{
    int fd;

    while ((fd = accept4(outside->sockets[index], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct outside_connection *connection = is_http(index) ? unused(outside) : NULL;

        if (!connection) {
            close(fd);
            continue;
        }
        connection->fd = fd;
        connection->got = 0;
    }
}

static void answer_datagrams(int fd)
{
    union address from;
    socklen_t length = sizeof(from);
    char byte;

    while (recvfrom(fd, &byte, sizeof(byte), MSG_DONTWAIT, &from.any, &length) >= 0) {
        (void)!sendto(fd, &byte, sizeof(byte), MSG_DONTWAIT, &from.any, length);
        length = sizeof(from);
    }
}

void outside_serve(struct outside *outside, const struct pollfd *watched)
{
    for (size_t i = 0; i < OUTSIDE_CONNECTIONS; i++)
        if (watched[OUTSIDE_SOCKETS + i].revents)
            serve_connection(&outside->connections[i]);
    for (size_t i = 0; i < OUTSIDE_SOCKETS; i++)
        if (watched[i].revents && places[i].type == SOCK_STREAM)
            take_connections(outside, i);
        else if (watched[i].revents)
            answer_datagrams(outside->sockets[i]);
}

void outside_reset(struct outside *outside)
{
    struct pollfd watched[OUTSIDE_POLLFDS];

    outside_watch(outside, watched);
    if (poll(watched, OUTSIDE_POLLFDS, 0) > 0)
        outside_serve(outside, watched);
    for (size_t i = 0; i < OUTSIDE_CONNECTIONS; i++)
        if (outside->connections[i].fd >= 0)
            drop(&outside->connections[i]);
}

void outside_close(struct outside *outside)
{
    outside_reset(outside);
    outside_end_target(outside);
    for (size_t i = 0; i < OUTSIDE_SOCKETS; i++)
        if (outside->sockets[i] >= 0)
            close(outside->sockets[i]);
    unlink(OUTSIDE_SOCKET);
    unlink(OUTSIDE_DATAGRAMS);
}
