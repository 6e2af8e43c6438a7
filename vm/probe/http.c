/* A request through the sandbox's proxy: CONNECT (RFC 9110, 9.3.6), then GET / in the tunnel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "probe.h"

#define HEAD_MAX 8192

/* Takes "http://ADDR:PORT/" apart, in place; ADDR in numbers, IPv6 in brackets. */
static bool split_proxy(char *url, char **address, char **port)
{
    static const char scheme[] = "http://";
    char *end;

    if (strncmp(url, scheme, sizeof(scheme) - 1) == 0)
        url += sizeof(scheme) - 1;
    url[strcspn(url, "/")] = '\0';
    end = url[0] == '[' ? strchr(url, ']') : strrchr(url, ':');
    if (!end)
        return false;
    *address = url[0] == '[' ? url + 1 : url;
    if (*end == ']')
        *end++ = '\0';
    if (*end != ':')
        return false;
    *end = '\0';
    *port = end + 1;
    return **port != '\0' && (*port)[strspn(*port, "0123456789")] == '\0' && strtoul(*port, NULL, 10) <= 65535 &&
           probe_address_valid(*address);
}

static int send_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            return errno == EAGAIN ? ETIMEDOUT : errno;
        if (sent > 0) {
            text += sent;
            left -= (size_t)sent;
        }
    }
    return 0;
}

/* Reads a response's head, a byte at a time: what comes behind the head of a CONNECT belongs to the tunnel. */
static int read_status(int fd, int *status)
{
    char head[HEAD_MAX];
    size_t length = 0;

    while (length < 4 || memcmp(head + length - 4, "\r\n\r\n", 4) != 0) {
        ssize_t got;

        if (length == sizeof(head) - 1)
            return EMSGSIZE;
        got = recv(fd, head + length, 1, 0);
        if (got == 0)
            return ECONNRESET;
        if (got < 0 && errno != EINTR)
            return errno == EAGAIN ? ETIMEDOUT : errno;
        if (got > 0)
            length++;
    }
    head[length] = '\0';
    return sscanf(head, "HTTP/1.%*1[01] %3d", status) == 1 ? 0 : EPROTO;
}

static int exchange(int fd, const char *request, int *status)
{
    int errnum = send_all(fd, request);

    return errnum ? errnum : read_status(fd, status);
}

/* 0 or an errno; *status is the proxy's where that is no 2xx, else the answer of the host behind it. */
static int ask(int fd, const char *host, const char *port, int *status)
{
    const bool bracketed = strchr(host, ':') != NULL;
    const char *open = bracketed ? "[" : "", *close = bracketed ? "]" : "";
    hf_autofree char *connect = NULL;
    hf_autofree char *get = NULL;
    int errnum;

    if (asprintf(&connect, "CONNECT %s%s%s:%s HTTP/1.1\r\nHost: %s%s%s:%s\r\n\r\n", open, host, close, port, open, host,
                 close, port) < 0) {
        connect = NULL;
        return ENOMEM;
    }
    if (asprintf(&get, "GET / HTTP/1.0\r\nHost: %s%s%s:%s\r\n\r\n", open, host, close, port) < 0) {
        get = NULL;
        return ENOMEM;
    }
    errnum = exchange(fd, connect, status);
    if (errnum || *status / 100 != 2)
        return errnum;
    return exchange(fd, get, status);
}

int probe_http(char *const *arguments, FILE *answer)
{
    const char *given = getenv("HTTPS_PROXY");
    hf_autofree char *url = given ? strdup(given) : NULL;
    hf_autoclose int fd = -1;
    char *address, *port;
    int status, errnum;

    if (!given || !*given) {
        fputs("no-proxy", answer);
        return 0;
    }
    if (!url)
        return ENOMEM;
    if (!split_proxy(url, &address, &port)) {
        fputs("bad-proxy", answer);
        return 0;
    }
    errnum = probe_tcp_open(address, port, &fd);
    if (!errnum)
        errnum = ask(fd, arguments[0], arguments[1], &status);
    if (!errnum)
        fprintf(answer, "http-%03d", status);
    return errnum;
}

/* The port is another one in every run, so that the value itself cannot be compared. */
int probe_proxy_env(char *const *arguments, FILE *answer)
{
    const char *value = getenv(arguments[0]);
    hf_autofree char *url = value ? strdup(value) : NULL;
    char *address, *port;

    if (!value)
        fputs("unset", answer);
    else if (!url)
        return ENOMEM;
    else if (!split_proxy(url, &address, &port))
        fputs("bad-proxy", answer);
    else
        probe_encode(address, answer);
    return 0;
}
