/* The loop: one thread, epoll, every connection in exactly one list by its deadline. When descriptors run out nothing is
 * accepted until a connection closes (or half a second has gone by): clients wait in the kernel's backlog, and the loop
 * sleeps. */
#include "proxy/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "base/cleanup.h"
#include "proxy/ocsf.h"
#include "proxy/server.h"

#define EVENTS 64
#define ACCEPTS 64                /* in one go, so that tunnels get their turn */
#define CONNECTIONS_MAX 16384     /* with 8 KiB of head each, the most that can wait without having asked */
#define TERMINATED_MAX 2048       /* with 70 KB each where idle, and 130 KB more that may wait in them, */
#define WIDE_MAX 32               /* or 2 MB */
#define DESCRIPTORS_KEPT_BACK 32  /* for the standard ones, the loop, and the resolver's files and sockets */
#define PIPES_MAX 256             /* tunnels that are held up and still spliced; what more there are is copied */
#define FILES_FOR_A_PIPE 16       /* and so many descriptors for each of them, two of which are its own */
#define ACCEPT_PAUSE_MS 500

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t hf_server_date(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool hf_server_watch(struct hf_server *server, int fd, struct hf_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* False where a keeper does not read. POLLOUT on a pipe means room for PIPE_BUF bytes (pipe(7)). */
static bool write_line(const struct hf_server *server, const char *line, size_t length)
{
    struct pollfd room = {.fd = server->proxy->log, .events = POLLOUT};
    ssize_t written;

    if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT))
        return false;
    do
        written = write(server->proxy->log, line, length);
    while (written < 0 && errno == EINTR);
    return written == (ssize_t)length;
}

static bool is_ocsf(const struct hf_server *server)
{
    return server->proxy->format == HF_LOG_OCSF;
}

/* Which must not stop the proxy: a line that the pipe has no room for is counted instead, and the count is told before the next
 * line that gets through. */
static void put_line(struct hf_server *server, int64_t time, const char *line, size_t length)
{
    char note[HF_TELL_MAX];

    if (server->unlogged &&
        write_line(server, note, (is_ocsf(server) ? hf_ocsf_unlogged : hf_tell_unlogged)(note, time, server->unlogged)))
        server->unlogged = 0;
    if (server->unlogged || !write_line(server, line, length))
        server->unlogged++;
}

void hf_server_log(struct hf_server *server, const struct hf_event *event, const struct hf_decision *decision)
{
    char line[HF_TELL_MAX];

    put_line(server, event->time, line, (is_ocsf(server) ? hf_ocsf_event : hf_tell_event)(line, event, decision));
}

void hf_server_log_update(struct hf_server *server, const struct hf_update_told *update)
{
    char line[HF_TELL_MAX];

    put_line(server, update->time, line, (is_ocsf(server) ? hf_ocsf_update : hf_tell_update)(line, update));
}

void hf_server_turn(struct hf_connection *connection)
{
    if (connection->queued)
        return;
    connection->queued = true;
    TAILQ_INSERT_TAIL(&connection->server->ready, connection, by_turn);
}

void hf_server_wait(struct hf_connection *connection, enum hf_connection_state state)
{
    struct hf_server *server = connection->server;

    TAILQ_REMOVE(&server->waiting[connection->state], connection, by_time);
    connection->state = state;
    connection->deadline = server->now + server->limits.ms[state];
    TAILQ_INSERT_TAIL(&server->waiting[state], connection, by_time);
}

void hf_server_closed(struct hf_connection *connection)
{
    struct hf_server *server = connection->server;

    if (connection->queued)
        TAILQ_REMOVE(&server->ready, connection, by_turn);
    TAILQ_REMOVE(&server->waiting[connection->state], connection, by_time);
    TAILQ_INSERT_TAIL(&server->dead, connection, by_time);
    connection->queued = false;
    connection->dead = true;
    server->connections--;
    server->accept_again = 0;
}

/* Only now: the batch of events may have had more than one for a connection that the first one closed. */
static void free_dead(struct hf_server *server)
{
    struct hf_connection *connection;

    while ((connection = TAILQ_FIRST(&server->dead))) {
        TAILQ_REMOVE(&server->dead, connection, by_time);
        free(connection);
    }
}

static void set_accepting(struct hf_server *server, bool accepting)
{
    struct epoll_event event = {.events = accepting ? EPOLLIN : 0, .data.ptr = &server->listener_watch};

    if (server->accepting != accepting && epoll_ctl(server->epoll, EPOLL_CTL_MOD, server->proxy->listener, &event) == 0)
        server->accepting = accepting;
}

/* 0, or the errno of a listener that is of no use any more. */
static int accept_some(struct hf_server *server)
{
    for (int i = 0; i < ACCEPTS && server->connections < server->limits.connections; i++) {
        int fd = accept4(server->proxy->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            if (hf_connection_open(server, fd)) {
                server->connections++;
                continue;
            }
            close(fd);
            errno = ENOMEM;
        }
        switch (errno) {
        case EAGAIN:
            return 0;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            server->accept_again = server->now + ACCEPT_PAUSE_MS;
            set_accepting(server, false);
            return 0;
        case EBADF:
        case EINVAL:
        case ENOTSOCK:
        case EOPNOTSUPP:
            return errno;
        default: /* the client's trouble, or the network's: accept(2), error handling */
            break;
        }
    }
    if (server->connections >= server->limits.connections)
        set_accepting(server, false);
    return 0;
}

static void take_answers(struct hf_server *server)
{
    struct hf_lookup *lookup;

    while ((lookup = hf_resolver_next(server->resolver)))
        hf_connection_answer(lookup);
}

/* True once the keeper has closed its end. */
static bool told_to_stop(int stop)
{
    char bytes[64];
    ssize_t got = read(stop, bytes, sizeof(bytes));

    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static void expire(struct hf_server *server)
{
    for (int state = 0; state < HF_CONNECTION_STATES; state++) {
        struct hf_connection *connection;

        while ((connection = TAILQ_FIRST(&server->waiting[state])) && connection->deadline <= server->now)
            hf_connection_expire(connection);
    }
}

/* One turn for each that is waiting for one now, not for those that ask for the next. */
static void take_turns(struct hf_server *server)
{
    struct hf_connection *last = TAILQ_LAST(&server->ready, hf_connections);
    struct hf_connection *connection;

    while (last && (connection = TAILQ_FIRST(&server->ready))) {
        bool was_last = connection == last;

        TAILQ_REMOVE(&server->ready, connection, by_turn);
        connection->queued = false;
        hf_connection_continue(connection);
        if (was_last)
            break;
    }
}

static int time_to_wait(const struct hf_server *server)
{
    int64_t until = INT64_MAX;

    if (!TAILQ_EMPTY(&server->ready))
        return 0;
    for (int state = 0; state < HF_CONNECTION_STATES; state++) {
        const struct hf_connection *first = TAILQ_FIRST(&server->waiting[state]);

        if (first && first->deadline < until)
            until = first->deadline;
    }
    if (!server->accepting && server->accept_again && server->accept_again < until)
        until = server->accept_again;
    if (hf_control_deadline(server) < until)
        until = hf_control_deadline(server);
    if (until == INT64_MAX)
        return -1;
    if (until <= server->now)
        return 0;
    return until - server->now > 60000 ? 60000 : (int)(until - server->now);
}

static int run(struct hf_server *server)
{
    struct epoll_event events[EVENTS];

    for (;;) {
        int count = epoll_wait(server->epoll, events, EVENTS, time_to_wait(server));

        if (count < 0 && errno != EINTR)
            return errno;
        server->now = milliseconds();
        for (int i = 0; i < count; i++) {
            struct hf_watch *watch = events[i].data.ptr;
            int failed = 0;

            switch (watch->kind) {
            case HF_WATCH_LISTENER:
                failed = accept_some(server);
                break;
            case HF_WATCH_STOP:
                if (told_to_stop(server->proxy->stop))
                    return 0;
                break;
            case HF_WATCH_RESOLVER:
                take_answers(server);
                break;
            case HF_WATCH_CONTROL:
                hf_control_accept(server);
                break;
            case HF_WATCH_VISITOR:
                hf_control_hear(watch->visitor);
                break;
            default:
                hf_connection_event(watch, events[i].events);
            }
            if (failed)
                return failed;
        }
        expire(server);
        hf_control_expire(server);
        take_turns(server);
        free_dead(server);
        if (!server->accepting && server->connections < server->limits.connections &&
            server->accept_again <= server->now)
            set_accepting(server, true);
    }
}

static int start(struct hf_server *server)
{
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll < 0)
        return errno;
    server->resolver = hf_resolver_new();
    server->rules = hf_rules_borrow(server->proxy->policy);
    if (!server->resolver || !server->rules)
        return errno;
    server->listener_watch.kind = HF_WATCH_LISTENER;
    server->stop_watch.kind = HF_WATCH_STOP;
    server->resolver_watch.kind = HF_WATCH_RESOLVER;
    if (!hf_server_watch(server, server->proxy->listener, &server->listener_watch, EPOLLIN) ||
        !hf_server_watch(server, server->proxy->stop, &server->stop_watch, EPOLLIN) ||
        !hf_server_watch(server, hf_resolver_fd(server->resolver), &server->resolver_watch, EPOLLIN) ||
        !hf_control_begin(server))
        return errno;
    server->accepting = true;
    return 0;
}

static void finish(struct hf_server *server)
{
    for (int state = 0; state < HF_CONNECTION_STATES; state++) {
        struct hf_connection *connection;

        while ((connection = TAILQ_FIRST(&server->waiting[state])))
            hf_connection_close(connection, true, "the proxy was stopped");
    }
    hf_control_end(server);
    free_dead(server);
    hf_rules_leave(server->rules);
    hf_pipes_end(&server->pipes);
    if (server->resolver)
        hf_resolver_free(server->resolver);
    if (server->epoll >= 0)
        close(server->epoll);
}

struct hf_proxy_limits hf_proxy_default_limits(void)
{
    struct hf_proxy_limits limits = {
        .ms = {[HF_CONNECTION_HEAD] = 10000,
               [HF_CONNECTION_RESOLVE] = 15000,
               [HF_CONNECTION_DIAL] = 10000,
               [HF_CONNECTION_SHAKE] = 10000,
               [HF_CONNECTION_TUNNEL] = 600000,
               [HF_CONNECTION_REPLY] = 2000},
        .dial_all_ms = 30000,
        .connections = CONNECTIONS_MAX,
        .terminated = TERMINATED_MAX,
        .wide = WIDE_MAX,
        .pipes = PIPES_MAX,
    };
    struct rlimit files;
    rlim_t kept_back;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return limits;
    if (files.rlim_cur < PIPES_MAX * FILES_FOR_A_PIPE)
        limits.pipes = (unsigned)files.rlim_cur / FILES_FOR_A_PIPE;
    kept_back = DESCRIPTORS_KEPT_BACK + 2 * limits.pipes;
    /* Two descriptors for each, so that one that was let in can be served. */
    if (files.rlim_cur < 2 * CONNECTIONS_MAX + kept_back)
        limits.connections = files.rlim_cur < kept_back + 4 ? 2 : (unsigned)(files.rlim_cur - kept_back) / 2;
    return limits;
}

int hf_proxy_serve_within(const struct hf_proxy *proxy, const struct hf_proxy_limits *limits)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    hf_autofree struct hf_server *server = calloc(1, sizeof(*server));
    int flags = fcntl(proxy->listener, F_GETFL);
    const int on = 1;
    int failed;

    if (!server)
        return ENOMEM;
    if (flags < 0 || fcntl(proxy->listener, F_SETFL, flags | O_NONBLOCK) < 0)
        return errno;
    /* Those that are accepted have it from the listening socket. Without it they work, with delays. */
    (void)setsockopt(proxy->listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    server->proxy = proxy;
    server->limits = *limits;
    server->epoll = -1;
    hf_pipes_begin(&server->pipes, limits->pipes);
    server->now = milliseconds();
    TAILQ_INIT(&server->ready);
    TAILQ_INIT(&server->dead);
    TAILQ_INIT(&server->visitors);
    for (int state = 0; state < HF_CONNECTION_STATES; state++)
        TAILQ_INIT(&server->waiting[state]);
    sigaction(SIGPIPE, &ignore, &before); /* a log that nobody reads any more is no reason to die */
    failed = start(server);
    if (!failed)
        failed = run(server);
    finish(server);
    sigaction(SIGPIPE, &before, NULL);
    fcntl(proxy->listener, F_SETFL, flags);
    return failed;
}

int hf_proxy_serve(const struct hf_proxy *proxy)
{
    const struct hf_proxy_limits limits = hf_proxy_default_limits();

    return hf_proxy_serve_within(proxy, &limits);
}
