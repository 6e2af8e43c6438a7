/* A client of HTTPS servers behind a proxy of loopback that ends TLS:
 *   tls_client stream PROXY TARGET PATH                     one answer; prints its bytes, and the seconds from connect(2) on
 *   tls_client requests PROXY TARGET PATH COUNT AT-ONCE     prints how many a second, on AT-ONCE connections that are kept
 *   tls_client opens PROXY TARGET PATH COUNT AT-ONCE        the same where each request has a connection of its own, without
 *                                                           a session of an earlier one
 * PROXY and TARGET are ports, the server is localhost, and whom to trust says the environment (SSL_CERT_FILE). Whatever is
 * not answered by 200 is the end of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (1 << 17)
#define HEAD_MOST 4096
#define AT_ONCE_MOST 256

struct job {
    const char *proxy, *target, *path;
    SSL_CTX *context;
    int count;
    bool is_kept;
};

struct client {
    const struct job *job;
    int fd;
    SSL *tls;
};

static void fail(const char *what)
{
    fprintf(stderr, "tls_client: %s: %s\n", what, errno ? strerror(errno) : "nothing came of it");
    ERR_print_errors_fp(stderr);
    exit(1);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void open_tunnel(struct client *client)
{
    const struct sockaddr_in proxy = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                      .sin_port = htons((uint16_t)atoi(client->job->proxy))};
    char text[HEAD_MOST] = "";
    const int one = 1;
    size_t got = 0;

    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (client->fd < 0 || connect(client->fd, (const struct sockaddr *)&proxy, sizeof(proxy)) < 0 ||
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0)
        fail("connect");
    snprintf(text, sizeof(text), "CONNECT localhost:%s HTTP/1.1\r\nHost: localhost:%s\r\n\r\n", client->job->target,
             client->job->target);
    if (send(client->fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
        fail("CONNECT");
    while (!memmem(text, got, "\r\n\r\n", 4)) {
        const ssize_t more = recv(client->fd, text + got, sizeof(text) - got, 0);

        if (more <= 0)
            fail("the answer to CONNECT");
        got += (size_t)more;
    }
    if (strncmp(text + 8, " 200 ", 5) != 0)
        fail("CONNECT was refused");
}

static void open_client(struct client *client)
{
    open_tunnel(client);
    client->tls = SSL_new(client->job->context);
    if (!client->tls || !SSL_set_fd(client->tls, client->fd) || !SSL_set_tlsext_host_name(client->tls, "localhost") ||
        !SSL_set1_host(client->tls, "localhost") || SSL_connect(client->tls) != 1)
        fail("the handshake");
}

static void close_client(struct client *client)
{
    (void)SSL_shutdown(client->tls);
    SSL_free(client->tls);
    close(client->fd);
}

static long long length_of(const char *head)
{
    const char *field = strcasestr(head, "\r\ncontent-length:");

    if (strncmp(head, "HTTP/1.1 200 ", 13) != 0 || !field)
        fail(head);
    return atoll(field + strlen("\r\ncontent-length:"));
}

/* The bytes of the answer's body. */
static long long fetch(struct client *client, char *buffer)
{
    char request[HEAD_MOST];
    const char *body = NULL;
    long long length, left;
    size_t got = 0;

    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost:%s\r\n\r\n", client->job->path,
             client->job->target);
    if (SSL_write(client->tls, request, (int)strlen(request)) <= 0)
        fail("the request");
    while (!body) {
        const int more = SSL_read(client->tls, buffer + got, (int)(BUFFER - 1 - got));

        if (more <= 0)
            fail("the answer");
        got += (size_t)more;
        buffer[got] = '\0';
        body = memmem(buffer, got, "\r\n\r\n", 4);
    }
    length = length_of(buffer);
    left = length - (buffer + got - (body + 4));
    while (left > 0) {
        const int more = SSL_read(client->tls, buffer, left < BUFFER ? (int)left : BUFFER);

        if (more <= 0)
            fail("the body");
        left -= more;
    }
    return length;
}

static void *fetch_many(void *argument)
{
    struct client client = {.job = argument};
    char *buffer = malloc(BUFFER);

    if (!buffer)
        fail("memory");
    for (int i = 0; i < client.job->count; i++) {
        if (i == 0 || !client.job->is_kept)
            open_client(&client);
        (void)fetch(&client, buffer);
        if (i == client.job->count - 1 || !client.job->is_kept)
            close_client(&client);
    }
    free(buffer);
    return NULL;
}

static void many(struct job *job, int count, int at_once)
{
    const double begun = seconds();
    pthread_t threads[AT_ONCE_MOST];

    job->count = count / at_once;
    for (int i = 0; i < at_once; i++)
        if ((errno = pthread_create(&threads[i], NULL, fetch_many, job)) != 0)
            fail("a thread");
    for (int i = 0; i < at_once; i++)
        pthread_join(threads[i], NULL);
    printf("%.1f\n", job->count * at_once / (seconds() - begun));
}

static void stream(const struct job *job)
{
    const double begun = seconds();
    struct client client = {.job = job};
    static char buffer[BUFFER];
    long long bytes;

    open_client(&client);
    bytes = fetch(&client, buffer);
    printf("%lld %.6f\n", bytes, seconds() - begun);
    close_client(&client);
}

int main(int argc, char **argv)
{
    struct job job = {.context = SSL_CTX_new(TLS_client_method())};

    if (argc < 5 || !job.context)
        return 2;
    if (!SSL_CTX_set_default_verify_paths(job.context))
        fail("whom to trust");
    SSL_CTX_set_verify(job.context, SSL_VERIFY_PEER, NULL);
    job.proxy = argv[2], job.target = argv[3], job.path = argv[4];
    job.is_kept = strcmp(argv[1], "requests") == 0;
    if (strcmp(argv[1], "stream") == 0)
        stream(&job);
    else if ((job.is_kept || strcmp(argv[1], "opens") == 0) && argc == 7 && atoi(argv[6]) > 0 && atoi(argv[6]) <= AT_ONCE_MOST)
        many(&job, atoi(argv[5]), atoi(argv[6]));
    else
        return 2;
    return 0;
}
