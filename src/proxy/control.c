/* The control socket in the loop. Whoever is neither the owner nor root is sent away before a word is read. The others are few
 * at a time, and have little time: the loop is the connections'. */
#include "proxy/control.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "control/message.h"
#include "control/socket.h"

#define VISITORS_MAX 4
#define VISIT_MS 5000
#define PAUSE_MS 500 /* after running out of something */

struct hf_visitor {
    struct hf_server *server;
    int fd;
    pid_t process;
    uid_t user;
    int64_t deadline;
    TAILQ_ENTRY(hf_visitor) by_time;
    struct hf_watch watch;
    char head[HF_CONTROL_HEAD]; /* of the request, then of the answer */
    char *body;
    size_t length, moved; /* of the body, and with its head how much has come, or gone */
    enum hf_control_kind kind;
    bool is_answered;
};

static void set_receiving(struct hf_server *server, bool receiving)
{
    struct epoll_event event = {.events = receiving ? EPOLLIN : 0, .data.ptr = &server->control_watch};

    if (server->receiving != receiving && epoll_ctl(server->epoll, EPOLL_CTL_MOD, server->proxy->control, &event) == 0)
        server->receiving = receiving;
}

bool hf_control_begin(struct hf_server *server)
{
    server->control_watch.kind = HF_WATCH_CONTROL;
    server->receiving = server->proxy->control >= 0;
    return !server->receiving || hf_server_watch(server, server->proxy->control, &server->control_watch, EPOLLIN);
}

static void leave(struct hf_visitor *visitor)
{
    TAILQ_REMOVE(&visitor->server->visitors, visitor, by_time);
    visitor->server->visitor_count--;
    close(visitor->fd);
    free(visitor->body);
    free(visitor);
}

/* Takes *fd, and puts -1 there; false where there is no memory. */
static bool let_in(struct hf_server *server, int *fd, pid_t process, uid_t user)
{
    struct hf_visitor *visitor = calloc(1, sizeof(*visitor));

    if (!visitor)
        return false;
    *visitor = (struct hf_visitor){.server = server,
                                   .fd = *fd,
                                   .process = process,
                                   .user = user,
                                   .deadline = server->now + VISIT_MS,
                                   .watch = {.kind = HF_WATCH_VISITOR, .visitor = visitor}};
    if (!hf_server_watch(server, *fd, &visitor->watch, EPOLLIN)) {
        free(visitor);
        return false;
    }
    TAILQ_INSERT_TAIL(&server->visitors, visitor, by_time);
    server->visitor_count++;
    *fd = -1;
    return true;
}

/* One at a time: it is told again of the next. */
void hf_control_accept(struct hf_server *server)
{
    hf_autoclose int fd = accept4(server->proxy->control, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    pid_t process;
    uid_t user;

    if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR))
        return;
    if (fd >= 0 && (!hf_control_peer(fd, &process, &user) || (user != 0 && user != server->proxy->owner)))
        return;
    if (fd < 0 || !let_in(server, &fd, process, user)) {
        server->receive_again = server->now + PAUSE_MS;
        set_receiving(server, false);
        return;
    }
    if (server->visitor_count >= VISITORS_MAX)
        set_receiving(server, false);
}

static enum hf_control_kind update(struct hf_visitor *visitor, char **body, size_t *length)
{
    struct hf_server *server = visitor->server;
    struct hf_diagnostics reasons;
    const bool done = hf_control_update(server, visitor->body, visitor->length, &reasons);

    if (!done)
        *body = hf_control_reasons_write(&reasons, length);
    if (server->proxy->log >= 0)
        hf_server_log_update(server, &(struct hf_update_told){.time = hf_server_date(),
                                                             .user = visitor->user,
                                                             .process = visitor->process,
                                                             .reasons = reasons.count});
    hf_diagnostics_free(&reasons);
    return done ? HF_CONTROL_DONE : HF_CONTROL_REFUSED;
}

static void answer(struct hf_visitor *visitor)
{
    enum hf_control_kind kind = HF_CONTROL_DONE;
    size_t length = 0;
    char *body = NULL;

    if (visitor->kind == HF_CONTROL_UPDATE)
        kind = update(visitor, &body, &length);
    else if (!(body = hf_control_look(visitor->server, &length)))
        kind = HF_CONTROL_REFUSED;
    free(visitor->body);
    visitor->body = body;
    visitor->length = length;
    visitor->moved = 0;
    visitor->is_answered = true;
    hf_control_head_write(kind, length, visitor->head);
}

/* The next part of head and body that is still to be moved. */
static struct iovec rest_of(struct hf_visitor *visitor)
{
    const size_t head = sizeof(visitor->head);

    if (visitor->moved < head)
        return (struct iovec){visitor->head + visitor->moved, head - visitor->moved};
    if (visitor->moved == head + visitor->length)
        return (struct iovec){NULL, 0};
    return (struct iovec){visitor->body + (visitor->moved - head), visitor->length - (visitor->moved - head)};
}

/* When the head is there the body's length is known, and room for it is made. False where there is to be none. */
static bool read_head(struct hf_visitor *visitor)
{
    if (!hf_control_head_read(visitor->head, &visitor->kind, &visitor->length) ||
        (visitor->kind != HF_CONTROL_UPDATE && (visitor->kind != HF_CONTROL_LOOK || visitor->length)))
        return false;
    visitor->body = malloc(visitor->length + 1);
    return visitor->body;
}

/* Reads the request, or writes the answer, as far as that goes. False where there is nothing more to do. */
static bool move(struct hf_visitor *visitor)
{
    for (;;) {
        const struct iovec rest = rest_of(visitor);
        ssize_t moved;

        if (rest.iov_len == 0) {
            if (visitor->is_answered)
                return false;
            answer(visitor);
            continue;
        }
        moved = visitor->is_answered ? send(visitor->fd, rest.iov_base, rest.iov_len, MSG_NOSIGNAL)
                                     : recv(visitor->fd, rest.iov_base, rest.iov_len, 0);
        if (moved < 0 && errno == EINTR)
            continue;
        if (moved <= 0)
            return moved < 0 && errno == EAGAIN;
        visitor->moved += (size_t)moved;
        if (visitor->moved == sizeof(visitor->head) && !visitor->is_answered && !read_head(visitor))
            return false;
    }
}

void hf_control_hear(struct hf_visitor *visitor)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = &visitor->watch};

    if (!move(visitor) ||
        (visitor->is_answered && epoll_ctl(visitor->server->epoll, EPOLL_CTL_MOD, visitor->fd, &event) < 0))
        leave(visitor);
}

void hf_control_expire(struct hf_server *server)
{
    struct hf_visitor *visitor;

    while ((visitor = TAILQ_FIRST(&server->visitors)) && visitor->deadline <= server->now)
        leave(visitor);
    if (server->proxy->control >= 0 && !server->receiving && server->visitor_count < VISITORS_MAX &&
        server->receive_again <= server->now)
        set_receiving(server, true);
}

int64_t hf_control_deadline(const struct hf_server *server)
{
    const struct hf_visitor *first = TAILQ_FIRST(&server->visitors);
    int64_t until = first ? first->deadline : INT64_MAX;

    if (server->proxy->control >= 0 && !server->receiving && server->visitor_count < VISITORS_MAX &&
        server->receive_again < until)
        until = server->receive_again;
    return until;
}

void hf_control_end(struct hf_server *server)
{
    struct hf_visitor *visitor;

    while ((visitor = TAILQ_FIRST(&server->visitors)))
        leave(visitor);
}
