/* Load on a proxy of loopback that takes CONNECT:
 *   load stream PROXY TARGET                      reads to the end; prints bytes and seconds. TARGET 0: without a CONNECT
 *   load connects PROXY TARGET COUNT AT-ONCE      prints how many tunnels were opened a second, and in microseconds the
 *                                                 median and the 99th percentile from connect(2) to the 200
 *   load hold PROXY TARGET                        for each number on standard input: opens tunnels until there are as many, and
 *                                                 prints it; at the end sends a byte through each and prints how many came back
 * PROXY and TARGET are ports. A tunnel that is not to be had is the end of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 64
#define STREAM_BYTES (4 << 20)
#define HOLD_MOST 20000
#define WAIT_MILLISECONDS 30000

struct tunnel {
    int fd;
    double begun;
};

static uint16_t proxy_port;
static char request[128];

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, errno ? strerror(errno) : "nothing came of it");
    exit(1);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int begin(int flags)
{
    const struct sockaddr_in proxy = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(proxy_port)};
    const int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

    if (fd < 0 || (connect(fd, (const struct sockaddr *)&proxy, sizeof(proxy)) < 0 && errno != EINPROGRESS))
        fail("connect");
    return fd;
}

/* False where it is not connected yet. */
static bool ask(int fd)
{
    const ssize_t sent = send(fd, request, strlen(request), MSG_NOSIGNAL);

    if (sent < 0 && errno == EAGAIN)
        return false;
    if (sent != (ssize_t)strlen(request))
        fail("the request");
    return true;
}

/* The whole answer is there at once: it is smaller than a segment. */
static void take_answer(int fd)
{
    char answer[4096];
    const ssize_t got = recv(fd, answer, sizeof(answer) - 1, 0);

    if (got < 0)
        fail("the answer");
    answer[got] = '\0';
    errno = 0;
    if (strncmp(answer, "HTTP/1.", 7) != 0 || strncmp(answer + 8, " 200 ", 5) != 0 || !strstr(answer, "\r\n\r\n"))
        fail(got ? answer : "the proxy closed");
}

/* The bytes are taken off the socket and copied nowhere (tcp(7), MSG_TRUNC). */
static void stream(bool is_connect)
{
    const int fd = begin(0);
    const double begun = seconds();
    long long bytes = 0;
    ssize_t got;

    if (is_connect) {
        char answer;
        int line_ends = 0;

        ask(fd);
        while (line_ends < 4 && recv(fd, &answer, 1, 0) == 1)
            line_ends = answer == '\r' || answer == '\n' ? line_ends + 1 : 0;
    }
    while ((got = recv(fd, NULL, STREAM_BYTES, MSG_TRUNC)) > 0)
        bytes += got;
    if (got < 0)
        fail("the stream");
    printf("%lld %.6f\n", bytes, seconds() - begun);
}

/* On loopback a connection is most often there when connect(2) returns. */
static void open_tunnel(int epoll, struct tunnel *tunnel)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tunnel};

    tunnel->begun = seconds();
    tunnel->fd = begin(SOCK_NONBLOCK);
    if (!ask(tunnel->fd))
        event.events = EPOLLOUT;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, tunnel->fd, &event) < 0)
        fail("epoll");
}

/* True when the tunnel is there. */
static bool follow(int epoll, struct tunnel *tunnel, uint32_t events)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tunnel};

    if (events & EPOLLIN) {
        take_answer(tunnel->fd);
        return true;
    }
    ask(tunnel->fd);
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, tunnel->fd, &event) < 0)
        fail("epoll");
    return false;
}

/* By a reset, so that no port is kept for a minute. */
static void cut(int fd)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
}

static int compare(const void *one, const void *other)
{
    const double a = *(const double *)one, b = *(const double *)other;

    return (a > b) - (a < b);
}

static void connects(int count, int at_once)
{
    struct tunnel *tunnels = calloc((size_t)at_once, sizeof(*tunnels));
    double *took = calloc((size_t)count, sizeof(*took));
    const int epoll = epoll_create1(0);
    const double begun = seconds();
    int opened = 0, done = 0;

    if (!tunnels || !took || epoll < 0)
        fail("memory");
    while (opened < at_once)
        open_tunnel(epoll, &tunnels[opened++]);
    while (done < count) {
        struct epoll_event events[EVENTS];
        const int some = epoll_wait(epoll, events, EVENTS, WAIT_MILLISECONDS);

        errno = 0;
        if (some <= 0)
            fail("waiting");
        for (int i = 0; i < some && done < count; i++) {
            struct tunnel *tunnel = events[i].data.ptr;

            if (!follow(epoll, tunnel, events[i].events))
                continue;
            took[done++] = seconds() - tunnel->begun;
            cut(tunnel->fd);
            if (opened < count) {
                open_tunnel(epoll, tunnel);
                opened++;
            }
        }
    }
    qsort(took, (size_t)count, sizeof(took[0]), compare);
    printf("%.1f %.0f %.0f\n", count / (seconds() - begun), took[count / 2] * 1e6, took[count - 1 - count / 100] * 1e6);
}

static void hold(void)
{
    static int held[HOLD_MOST];
    int count = 0, wanted, back = 0;

    while (scanf("%d", &wanted) == 1) {
        while (count < wanted && count < HOLD_MOST) {
            held[count] = begin(0);
            ask(held[count]);
            take_answer(held[count++]);
        }
        printf("%d\n", count);
        fflush(stdout);
    }
    for (int i = 0; i < count; i++) {
        char byte = 'x';

        back += send(held[i], &byte, 1, MSG_NOSIGNAL) == 1 && recv(held[i], &byte, 1, 0) == 1 && byte == 'x';
    }
    printf("%d\n", back);
}

int main(int argc, char **argv)
{
    struct rlimit limit;

    if (argc < 4)
        return 2;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    proxy_port = (uint16_t)atoi(argv[2]);
    snprintf(request, sizeof(request), "CONNECT 127.0.0.1:%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n", argv[3], argv[3]);
    if (strcmp(argv[1], "stream") == 0)
        stream(atoi(argv[3]) != 0);
    else if (strcmp(argv[1], "hold") == 0)
        hold();
    else if (strcmp(argv[1], "connects") == 0 && argc == 6)
        connects(atoi(argv[4]), atoi(argv[5]));
    else
        return 2;
    return 0;
}
