/* The least that a relay can do: relay PORT takes one connection after the other, connects to PORT of loopback, and splices
 * what comes from there to whoever connected. Nothing is read, judged, timed or logged. With `heads` a head is read before that,
 * a 200 is the answer, and nothing is relayed: no proxy opens a tunnel by fewer calls. Prints its own port. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIPE_BYTES (1 << 20)
#define BACKLOG 4096

static void relay(int from, int to, const int *ends)
{
    ssize_t got, sent;

    while ((got = splice(from, NULL, ends[1], NULL, PIPE_BYTES, SPLICE_F_MOVE)) > 0)
        for (; got > 0; got -= sent)
            if ((sent = splice(ends[0], NULL, to, NULL, (size_t)got, SPLICE_F_MOVE)) <= 0)
                exit(1);
}

static bool take_head(int client)
{
    char head[512];

    return recv(client, head, sizeof(head), 0) > 0;
}

static void answer(int client)
{
    static const char good[] = "HTTP/1.1 200 OK\r\n\r\n";

    if (send(client, good, sizeof(good) - 1, MSG_NOSIGNAL) < 0)
        exit(1);
}

int main(int argc, char **argv)
{
    const bool heads = argc == 3;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in upstream = address;
    socklen_t size = sizeof(address);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    int ends[2];

    if (argc < 2 || bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, BACKLOG) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0 || pipe(ends) < 0 ||
        fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES) < 0)
        return 1;
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    upstream.sin_port = htons((uint16_t)atoi(argv[1]));
    for (;;) {
        const int to = accept(listener, NULL, NULL), from = socket(AF_INET, SOCK_STREAM, 0);

        if (to < 0 || (heads && !take_head(to)) || connect(from, (const struct sockaddr *)&upstream, sizeof(upstream)) < 0)
            return 1;
        if (heads)
            answer(to);
        else
            relay(from, to, ends);
        close(from);
        close(to);
    }
}
