/* A request through the sandbox's proxy: CONNECT (RFC 9110, 9.3.6), then GET / in the tunnel; or in absolute form. */
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

/* Reads up to a mark, a byte at a time: what comes behind the head of a CONNECT belongs to the tunnel. */
static int read_up_to(int fd, const char *mark, char text[HEAD_MAX])
{
    const size_t mark_length = strlen(mark);
    size_t length = 0;

    while (length < mark_length || memcmp(text + length - mark_length, mark, mark_length) != 0) {
        ssize_t got;

        if (length == HEAD_MAX - 1)
            return EMSGSIZE;
        got = recv(fd, text + length, 1, 0);
        if (got == 0)
            return ECONNRESET;
        if (got < 0 && errno != EINTR)
            return errno == EAGAIN ? ETIMEDOUT : errno;
        if (got > 0)
            length++;
    }
    text[length] = '\0';
    return 0;
}

static int read_status(int fd, int *status)
{
    char head[HEAD_MAX];
    const int errnum = read_up_to(fd, "\r\n\r\n", head);

    if (errnum)
        return errnum;
    return sscanf(head, "HTTP/1.%*1[01] %3d", status) == 1 ? 0 : EPROTO;
}

static int exchange(int fd, const char *request, int *status)
{
    int errnum = send_all(fd, request);

    return errnum ? errnum : read_status(fd, status);
}

/* The target as a request names it: an IPv6 address in brackets. */
static bool name_target(const char *host, const char *port, char **target)
{
    const bool bracketed = strchr(host, ':') != NULL;

    if (asprintf(target, "%s%s%s:%s", bracketed ? "[" : "", host, bracketed ? "]" : "", port) >= 0)
        return true;
    *target = NULL;
    return false;
}

/* Sends "METHOD WHAT HTTP/1.VERSION" for that target; *status is the answer's. 0 or an errno. */
static int request(int fd, const char *line, const char *target, int *status)
{
    hf_autofree char *text = NULL;

    if (asprintf(&text, "%s\r\nHost: %s\r\n\r\n", line, target) < 0) {
        text = NULL;
        return ENOMEM;
    }
    return exchange(fd, text, status);
}

static int request_tunnel(int fd, const char *target, int *status)
{
    hf_autofree char *line = NULL;

    if (asprintf(&line, "CONNECT %s HTTP/1.1", target) < 0) {
        line = NULL;
        return ENOMEM;
    }
    return request(fd, line, target, status);
}

/* What to do with an open tunnel, or with the proxy's refusal of one (its head is read). 0 or an errno. */
typedef int after_connect(int fd, const char *target, int status, FILE *answer);

/* A connection to the proxy in *fd, which stays -1 where there is none to be had and that is the answer. 0 or an errno. */
static int open_proxy(int *fd, FILE *answer)
{
    const char *given = getenv("HTTPS_PROXY");
    hf_autofree char *url = given ? strdup(given) : NULL;
    char *address, *port;

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
    return probe_tcp_open(address, port, fd);
}

static int ask_through_proxy(char *const *arguments, after_connect *after, FILE *answer)
{
    hf_autofree char *target = NULL;
    hf_autoclose int fd = -1;
    int status = 0, errnum = open_proxy(&fd, answer);

    if (errnum || fd < 0)
        return errnum;
    if (!name_target(arguments[0], arguments[1], &target))
        return ENOMEM;
    errnum = request_tunnel(fd, target, &status);
    return errnum ? errnum : after(fd, target, status, answer);
}

/* The proxy's status where that is no 2xx, else that of the host behind it. */
static int get(int fd, const char *target, int status, FILE *answer)
{
    const int errnum = status / 100 == 2 ? request(fd, "GET / HTTP/1.0", target, &status) : 0;

    if (!errnum)
        fprintf(answer, "http-%03d", status);
    return errnum;
}

/* The body of a refusal is one line of JSON; its "failed" is the half that did not fit the policy. */
static int why(int fd, const char *target, int status, FILE *answer)
{
    static const char key[] = "\"failed\":\"";
    char body[HEAD_MAX];
    const char *failed;
    int errnum;

    (void)target;
    if (status / 100 == 2) {
        fputs("allowed", answer);
        return 0;
    }
    errnum = read_up_to(fd, "\n", body);
    if (errnum)
        return errnum;
    failed = strstr(body, key);
    if (failed)
        fprintf(answer, "%.*s", (int)strcspn(failed + strlen(key), "\""), failed + strlen(key));
    else
        fputs("unsaid", answer);
    return 0;
}

int probe_http(char *const *arguments, FILE *answer)
{
    return ask_through_proxy(arguments, get, answer);
}

int probe_http_why(char *const *arguments, FILE *answer)
{
    return ask_through_proxy(arguments, why, answer);
}

/* What stands between "//" and the next slash. */
static bool name_authority(const char *url, char **target)
{
    const char *begin = strstr(url, "//");

    *target = begin ? strndup(begin + 2, strcspn(begin + 2, "/?")) : NULL;
    return *target;
}

int probe_request(char *const *arguments, FILE *answer)
{
    hf_autofree char *target = NULL, *line = NULL;
    hf_autoclose int fd = -1;
    int status = 0, errnum = open_proxy(&fd, answer);

    if (errnum || fd < 0)
        return errnum;
    if (!name_authority(arguments[1], &target))
        return EINVAL;
    if (asprintf(&line, "%s %s HTTP/1.1", arguments[0], arguments[1]) < 0) {
        line = NULL;
        return ENOMEM;
    }
    errnum = request(fd, line, target, &status);
    return errnum ? errnum : why(fd, target, status, answer);
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
