/* The server that the bench's proxies lead to: upstream BYTES. Prints two ports of loopback, and serves until standard
 * input ends. The first gives BYTES to whoever connects, and ends; the second gives back what it gets, as long as anybody
 * likes. What is given are pages of a file in memory, none of which is copied: the time of a stream is the relay's. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILE_BYTES (16 << 20)
#define EVENTS 64

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        perror("upstream");
        exit(1);
    }
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    return fd;
}

static void give(int client, int file, long long left)
{
    while (left > 0) {
        off_t start = 0;
        const ssize_t sent = sendfile(client, file, &start, left < FILE_BYTES ? (size_t)left : FILE_BYTES);

        if (sent <= 0)
            _exit(1);
        left -= sent;
    }
    _exit(0);
}

static void take_giver(int listener, int file, long long bytes)
{
    const int client = accept4(listener, NULL, NULL, 0);

    if (client < 0)
        return;
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        give(client, file, bytes);
    }
    close(client);
}

static void take_all(int epoll, int listener)
{
    int client;

    while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = client};

        if (epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event) < 0)
            close(client);
    }
}

static void echo(int client)
{
    char bytes[4096];
    const ssize_t got = recv(client, bytes, sizeof(bytes), 0);

    if (got <= 0 || send(client, bytes, (size_t)got, MSG_NOSIGNAL) != got)
        close(client);
}

int main(int argc, char **argv)
{
    const long long bytes = argc == 2 ? atoll(argv[1]) : 0;
    const int giver = listen_on_loopback(), echoer = listen_on_loopback();
    const int file = memfd_create("bytes", 0), epoll = epoll_create1(0);
    const int watched[] = {STDIN_FILENO, giver, echoer};
    struct rlimit limit;

    signal(SIGCHLD, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (argc != 2 || file < 0 || epoll < 0 || fallocate(file, 0, 0, FILE_BYTES) < 0)
        return 1;
    for (size_t i = 0; i < 3; i++)
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, watched[i],
                      &(struct epoll_event){.events = EPOLLIN, .data.fd = watched[i]}) < 0)
            return 1;
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        const int count = epoll_wait(epoll, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == STDIN_FILENO)
                return 0;
            if (events[i].data.fd == giver)
                take_giver(giver, file, bytes);
            else if (events[i].data.fd == echoer)
                take_all(epoll, echoer);
            else
                echo(events[i].data.fd);
        }
    }
}
