/* One client's way through the proxy: head, name, address, tunnel; or a refusal. Every function leaves the connection in
 * one state with one time limit, or closed.
 *
 * Bytes that a client sends behind its CONNECT without waiting for the answer (a TLS ClientHello, most often) are never
 * read as a second request: they are the tunnel's first bytes after a 200, and thrown away with the connection after
 * anything else. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "proxy/forward.h"
#include "proxy/inner.h"
#include "proxy/request.h"
#include "proxy/server.h"
#include "proxy/upgrade.h"

#define DRAIN_MAX (1 << 20) /* bytes that are thrown away so that a refusal is read; more is a reason to reset */

static void release_head(struct hf_connection *connection)
{
    free(connection->head);
    connection->head = NULL;
}

static void release_lookup(struct hf_connection *connection)
{
    if (connection->lookup && connection->state == HF_CONNECTION_RESOLVE)
        hf_resolver_forget(connection->server->resolver, connection->lookup);
    else
        free(connection->lookup);
    connection->lookup = NULL;
}

static void close_end(struct hf_end *end, bool abort)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};

    if (end->fd < 0)
        return;
    /* A reset, so that a stream that was cut does not look like one that ended: socket(7), SO_LINGER. */
    if (abort && !end->broken)
        setsockopt(end->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(end->fd);
    end->fd = -1;
}

/* `end`: why the connection has, or NULL. Who asks is told where it did not have to be known, too. */
static void log_event(struct hf_connection *connection, struct hf_decision *decision, const char *end, bool is_cut)
{
    struct hf_server *server = connection->server;

    if (server->proxy->log < 0)
        return;
    if (!connection->admission)
        connection->admission = hf_admission_name(server->proxy->who, connection->client.fd,
                                                  (connection->rules ? connection->rules : server->rules)->policy);
    decision->asker = connection->admission ? &connection->admission->asker : NULL;
    hf_server_log(server,
                  &(struct hf_event){.time = hf_server_date(),
                                     .id = connection->id,
                                     .end = end,
                                     .is_cut = is_cut,
                                     .bytes_up = connection->up.bytes,
                                     .bytes_down = connection->down.bytes,
                                     .ms = server->now - connection->began},
                  decision);
}

static void log_close(struct hf_connection *connection, const char *reason, bool is_cut)
{
    struct hf_decision decision = {
        .host = connection->target.host,
        .port = connection->target.port,
        .address = connection->address,
        .rule = connection->match.network->key,
        .verdict = connection->audited ? "audit" : "allow",
    };

    log_event(connection, &decision, reason, is_cut);
}

void hf_connection_close(struct hf_connection *connection, bool abort, const char *reason)
{
    if (connection->state == HF_CONNECTION_TUNNEL || connection->state == HF_CONNECTION_SHAKE)
        log_close(connection, reason, abort);
    hf_inner_free(hf_steal(connection->inner, NULL));
    hf_upgrade_free(hf_steal(connection->upgrade, NULL));
    release_lookup(connection);
    release_head(connection);
    free(connection->admission);
    hf_rules_leave(connection->rules);
    hf_way_free(&connection->up, &connection->server->pipes);
    hf_way_free(&connection->down, &connection->server->pipes);
    close_end(&connection->upstream, abort);
    close_end(&connection->client, abort);
    hf_server_closed(connection);
}

/* Writes the refusal, says that nothing more comes, and reads on until the client has closed: a close with bytes unread
 * would be a reset, and could take the refusal with it (RFC 9112 section 9.6). */
static void continue_reply(struct hf_connection *connection)
{
    char *scratch = connection->server->scratch;

    switch (hf_relay_pump(&connection->upstream, &connection->client, &connection->down, &connection->server->pipes,
                          scratch)) {
    case HF_RELAY_DONE:
        break;
    case HF_RELAY_BROKEN:
        hf_connection_close(connection, true, NULL);
        return;
    default:
        return;
    }
    while (connection->client.readable) {
        ssize_t got = recv(connection->client.fd, scratch, HF_RELAY_BUFFER, 0);

        if (got > 0)
            connection->drained += (size_t)got;
        else if (got < 0 && errno == EAGAIN)
            connection->client.readable = false;
        else if (got == 0 || errno != EINTR)
            connection->drained = SIZE_MAX;
        if (connection->drained > DRAIN_MAX) {
            hf_connection_close(connection, false, NULL);
            return;
        }
    }
}

void hf_connection_drain(struct hf_connection *connection, const char *reason)
{
    log_close(connection, reason, false);
    hf_inner_free(hf_steal(connection->inner, NULL));
    close_end(&connection->upstream, false);
    connection->down.ended = true;
    hf_server_wait(connection, HF_CONNECTION_REPLY);
    continue_reply(connection);
}

void hf_connection_decide(struct hf_connection *connection, struct hf_decision *decision)
{
    decision->asker = connection->admission ? &connection->admission->asker : NULL;
    log_event(connection, decision, NULL, false);
    if (strcmp(decision->verdict, "deny") != 0 && strcmp(decision->verdict, "audit") != 0)
        return;
    hf_recent_add(&connection->server->recent, decision, connection->server->now);
    if (connection->server->proxy->tally)
        hf_tally_add(connection->server->proxy->tally, decision);
}

static void refuse(struct hf_connection *connection, struct hf_decision *decision)
{
    char response[HF_TELL_MAX];
    size_t length;

    hf_connection_decide(connection, decision);
    length = hf_tell_client(response, decision);
    release_lookup(connection);
    release_head(connection);
    close_end(&connection->upstream, false);
    connection->down.ended = true; /* the response is all there is */
    if (!hf_way_hold(&connection->down, response, length)) {
        hf_connection_close(connection, false, NULL);
        return;
    }
    hf_server_wait(connection, HF_CONNECTION_REPLY);
    continue_reply(connection);
}

/* A failure that is not the policy's. */
static void fail(struct hf_connection *connection, int status, const char *failed, const char *reason)
{
    struct hf_judgement judgement;

    hf_judge(&judgement, &connection->target, &connection->match, "error", status, failed, "%s", reason);
    if (connection->address[0])
        judgement.decision.address = connection->address;
    refuse(connection, &judgement.decision);
}

/* A request that is none that everybody reads alike. */
static void refuse_request(struct hf_connection *connection, int status, const char *reason)
{
    struct hf_judgement judgement;

    hf_judge(&judgement, connection->target.host[0] ? &connection->target : NULL, NULL, "deny", status, "request", "%s",
             reason);
    refuse(connection, &judgement.decision);
}

static bool ends_tls(const struct hf_connection *connection)
{
    return !connection->forward && connection->server->proxy->terminator &&
           hf_match_terminates(connection->rules->policy, &connection->target,
                               connection->admission ? connection->admission->networks : NULL);
}

static void continue_tunnel(struct hf_connection *connection)
{
    struct hf_server *server = connection->server;
    enum hf_relay up, down = HF_RELAY_BROKEN;

    if (connection->upgrade && !hf_upgrade_continue(connection))
        return;
    up = hf_relay_pump(&connection->client, &connection->upstream, &connection->up, &server->pipes, server->scratch);
    if (up != HF_RELAY_BROKEN)
        down = hf_relay_pump(&connection->upstream, &connection->client, &connection->down, &server->pipes,
                             server->scratch);
    if (up == HF_RELAY_BROKEN || down == HF_RELAY_BROKEN) {
        hf_connection_close(connection, true,
                            errno == ENOMEM    ? "no memory"
                            : errno == EBADMSG ? "the body's chunks are none that all read alike"
                                               : "reset by one end");
        return;
    }
    if (up == HF_RELAY_DONE && down == HF_RELAY_DONE) {
        hf_connection_close(connection, false, "closed by both ends");
        return;
    }
    hf_server_wait(connection, HF_CONNECTION_TUNNEL);
    if (up == HF_RELAY_MORE || down == HF_RELAY_MORE)
        hf_server_turn(connection);
}

static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";

/* What each end gets before anything that the other sends: an answer to CONNECT, or the request as it is passed on. */
static bool begin_tunnel(struct hf_connection *connection, size_t early)
{
    return hf_way_hold(&connection->down, established, sizeof(established) - 1) &&
           hf_way_hold(&connection->up, connection->head + connection->tunnel_from, early);
}

/* Asks the rules for requests, at one address (NULL: at none yet). `target` is what is to be asked of the server, where there
 * are any. */
static enum hf_request_verdict ask_rules(struct hf_connection *connection, const union hf_address *address,
                                         struct hf_rest_target *target, struct hf_judgement *judgement)
{
    struct hf_request request;
    struct hf_head head;

    hf_head_parse(connection->head, connection->tunnel_from, &head);
    request = hf_request_of_head(&head);
    return hf_judge_request(connection->rules->policy, &connection->target, connection->admission, address, &request,
                            target, &connection->match, judgement);
}

/* `target`: in place of the head's own, or NULL. */
static bool begin_request(struct hf_connection *connection, const struct hf_rest_target *target, size_t early)
{
    char *text = connection->server->scratch;
    struct hf_head head;
    size_t length;

    _Static_assert(HF_FORWARD_MAX + HF_HEAD_LIMIT <= HF_RELAY_BUFFER, "head and early body fit");
    hf_head_parse(connection->head, connection->tunnel_from, &head);
    if (target && head.path.length) /* without a path it is "*", or "/" */
        head.path = (struct hf_span){target->wire, target->length};
    length = hf_forward_head(&head, text);
    memcpy(text + length, connection->head + connection->tunnel_from, early);
    connection->up.body = &connection->body;
    if (head.wants_websocket && !(connection->upgrade = hf_upgrade_new()))
        return false;
    return hf_way_hold(&connection->up, text, length + early);
}

/* The tunnel ends here: the client is told that it is there, and is then looked into. A socket that nothing was written to
 * takes a line. */
static bool begin_inner(struct hf_connection *connection, size_t early)
{
    const size_t length = sizeof(established) - 1;

    connection->inner = hf_inner_new(connection, &connection->lookup->addresses[connection->dialled - 1],
                                     connection->head + connection->tunnel_from, early);
    return connection->inner && send(connection->client.fd, established, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static void open_tunnel(struct hf_connection *connection)
{
    size_t early = connection->head_length - connection->tunnel_from;
    const bool is_inner = ends_tls(connection);
    enum hf_request_verdict verdict = HF_REQUEST_UNJUDGED;
    struct hf_judgement judgement;
    struct hf_rest_target target;

    if (connection->forward &&
        !hf_body_take(&connection->body, connection->head + connection->tunnel_from, early, &early)) {
        refuse_request(connection, 400, "the body's chunks are none that all read alike");
        return;
    }
    if (connection->forward)
        verdict = ask_rules(connection, &connection->lookup->addresses[connection->dialled - 1], &target, &judgement);
    if (verdict == HF_REQUEST_UNJUDGED)
        hf_judge(&judgement, &connection->target, &connection->match, "allow", 200, NULL, "the policy allows it");
    judgement.decision.address = connection->address;
    connection->audited = verdict == HF_REQUEST_AUDITED;
    if (verdict == HF_REQUEST_DENIED) {
        refuse(connection, &judgement.decision);
        return;
    }
    if (is_inner && connection->server->terminated >= connection->server->limits.terminated) {
        fail(connection, 503, "proxy", "TLS ends here on as many connections as there may be: try again later");
        return;
    }
    if (connection->forward ? !begin_request(connection, verdict == HF_REQUEST_UNJUDGED ? NULL : &target, early)
                            : !(is_inner ? begin_inner : begin_tunnel)(connection, early)) {
        hf_connection_close(connection, true, NULL);
        return;
    }
    connection->up.bytes = is_inner ? 0 : early; /* which counts what is inside */
    hf_connection_decide(connection, &judgement.decision);
    release_lookup(connection);
    release_head(connection);
    hf_server_wait(connection, is_inner ? HF_CONNECTION_SHAKE : HF_CONNECTION_TUNNEL);
    hf_connection_continue(connection);
}

/* What is to be judged request by request must be seen to be requests, and is judged before anybody is asked for anything. */
static bool rules_allow(struct hf_connection *connection, struct hf_judgement *judgement)
{
    const bool *admitted = connection->admission ? connection->admission->networks : NULL;
    struct hf_rest_target target;

    if (connection->forward)
        return ask_rules(connection, NULL, &target, judgement) != HF_REQUEST_DENIED;
    if (!hf_match_judges_requests(connection->rules->policy, &connection->target, admitted) || ends_tls(connection))
        return true;
    hf_judge_closed_tunnel(&connection->target, &connection->match, judgement);
    return false;
}

/* By the rules in force: asked at the head, and again where there are others before the tunnel is open. */
static bool target_allowed(struct hf_connection *connection, struct hf_judgement *judgement)
{
    struct hf_rules *now = connection->server->rules;

    if (connection->rules == now)
        return true;
    free(connection->admission);
    hf_rules_leave(connection->rules);
    connection->rules = hf_rules_use(now);
    connection->admission = hf_admission_new(connection->server->proxy->who, connection->client.fd, now->policy,
                                             &connection->target);
    return hf_judge_target(now->policy, &connection->target, connection->admission, &connection->match, judgement) &&
           rules_allow(connection, judgement);
}

static bool addresses_allowed(struct hf_connection *connection, struct hf_judgement *judgement)
{
    const struct hf_lookup *lookup = connection->lookup;

    return hf_judge_addresses(connection->rules->policy, &connection->target, connection->admission, &connection->match,
                              lookup->addresses, lookup->count, lookup->overflow, judgement);
}

/* Whoever waits for an address when other rules come is let through by these, or not at all. */
static bool still_allowed(struct hf_connection *connection, struct hf_judgement *judgement)
{
    return connection->rules == connection->server->rules ||
           (target_allowed(connection, judgement) && addresses_allowed(connection, judgement));
}

/* Begins to connect to one address, which is one of those that were checked. False with errno. */
static bool dial(struct hf_connection *connection, const union hf_address *address)
{
    const int on = 1;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    connection->upstream = (struct hf_end){.fd = fd};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    hf_address_text(address, connection->address);
    if (connect(fd, &address->any, hf_address_length(address)) == 0 || errno == EINPROGRESS)
        return hf_server_watch(connection->server, fd, &connection->upstream_watch,
                               EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    return false;
}

static bool is_exhaustion(int errnum)
{
    return errnum == EMFILE || errnum == ENFILE || errnum == ENOBUFS || errnum == ENOMEM || errnum == ENOSPC;
}

static void dial_next(struct hf_connection *connection)
{
    struct hf_lookup *lookup = connection->lookup;
    bool late = connection->server->now - connection->dial_began >= connection->server->limits.dial_all_ms;
    struct hf_judgement judgement;
    char reason[128];

    close_end(&connection->upstream, true);
    if (!still_allowed(connection, &judgement)) {
        refuse(connection, &judgement.decision);
        return;
    }
    while (!late && connection->dialled < lookup->count && !is_exhaustion(connection->dial_error)) {
        union hf_address *address = &lookup->addresses[connection->dialled++];

        if (address->any.sa_family == AF_INET)
            address->v4.sin_port = htons(connection->target.port);
        else
            address->v6.sin6_port = htons(connection->target.port);
        if (dial(connection, address)) {
            hf_server_wait(connection, HF_CONNECTION_DIAL);
            return;
        }
        connection->dial_error = errno;
        close_end(&connection->upstream, true);
    }
    if (is_exhaustion(connection->dial_error)) {
        fail(connection, 503, "proxy", "the proxy has run out of descriptors or memory: try again later");
        return;
    }
    snprintf(reason, sizeof(reason), "none of the host's %zu addresses could be connected to; the last one: %s",
             lookup->count, hf_errno_name(connection->dial_error));
    fail(connection, connection->dial_error == ETIMEDOUT ? 504 : 502, "connect", reason);
}

/* `lookup` has the addresses; from here on it is the connection's. */
static void judge_addresses(struct hf_connection *connection, struct hf_lookup *lookup)
{
    struct hf_judgement judgement;

    connection->lookup = lookup;
    hf_server_wait(connection, HF_CONNECTION_DIAL);
    if (!target_allowed(connection, &judgement) || !addresses_allowed(connection, &judgement)) {
        refuse(connection, &judgement.decision);
        return;
    }
    connection->dial_began = connection->server->now;
    dial_next(connection);
}

void hf_connection_answer(struct hf_lookup *lookup)
{
    struct hf_connection *connection = lookup->owner;
    char reason[128];

    connection->lookup = NULL;
    if (lookup->error || lookup->count == 0) {
        snprintf(reason, sizeof(reason), "the host's name could not be resolved: %s",
                 lookup->error == EAI_SYSTEM ? hf_errno_name(lookup->errnum)
                 : lookup->error             ? gai_strerror(lookup->error)
                                             : "it has no address");
        free(lookup);
        fail(connection, 502, "resolve", reason);
        return;
    }
    judge_addresses(connection, lookup);
}

static void judge_request(struct hf_connection *connection)
{
    struct hf_judgement judgement;
    struct hf_lookup *lookup;

    if (!target_allowed(connection, &judgement)) {
        refuse(connection, &judgement.decision);
        return;
    }
    if (connection->target.address.any.sa_family == AF_UNSPEC) {
        hf_server_wait(connection, HF_CONNECTION_RESOLVE);
        connection->lookup = hf_resolver_ask(connection->server->resolver, connection->target.host, connection);
        if (!connection->lookup)
            fail(connection, 503, "proxy", "the proxy has no memory or thread to resolve a name with");
        return;
    }
    lookup = calloc(1, sizeof(*lookup));
    if (!lookup) {
        fail(connection, 503, "proxy", "the proxy has no memory");
        return;
    }
    lookup->addresses[lookup->count++] = connection->target.address;
    judge_addresses(connection, lookup);
}

static void continue_head(struct hf_connection *connection)
{
    struct hf_head head;

    if (!connection->head)
        connection->head = malloc(HF_HEAD_LIMIT);
    if (!connection->head) {
        hf_connection_close(connection, true, NULL);
        return;
    }
    while (connection->client.readable) {
        ssize_t got = recv(connection->client.fd, connection->head + connection->head_length,
                           HF_HEAD_LIMIT - connection->head_length, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN) {
            connection->client.readable = false;
            return;
        }
        if (got <= 0) { /* it left before it had asked for anything */
            hf_connection_close(connection, false, NULL);
            return;
        }
        /* More, or the end, would be told of: epoll(7), question 9. */
        connection->client.readable =
            connection->client.ended || (size_t)got == HF_HEAD_LIMIT - connection->head_length;
        connection->head_length += (size_t)got;
        switch (hf_head_parse(connection->head, connection->head_length, &head)) {
        case HF_HEAD_MORE:
            continue;
        case HF_HEAD_REFUSED:
            refuse_request(connection, head.status, head.reason);
            return;
        case HF_HEAD_DONE:
            if (head.forward && head.wants_websocket && head.length < connection->head_length) {
                refuse_request(connection, 400, "bytes behind a request for a WebSocket, before its answer");
                return;
            }
            connection->target = head.target;
            connection->tunnel_from = head.length;
            connection->forward = head.forward;
            connection->body = head.body;
            judge_request(connection);
            return;
        }
    }
}

bool hf_connection_open(struct hf_server *server, int fd)
{
    struct hf_connection *connection = calloc(1, sizeof(*connection));

    if (!connection)
        return false;
    connection->server = server;
    connection->id = ++server->next_id;
    connection->began = server->now;
    connection->client = (struct hf_end){.fd = fd, .writable = true};
    connection->upstream = (struct hf_end){.fd = -1};
    connection->client_watch = (struct hf_watch){.kind = HF_WATCH_CLIENT, .connection = connection};
    connection->upstream_watch = (struct hf_watch){.kind = HF_WATCH_UPSTREAM, .connection = connection};
    if (!hf_server_watch(server, fd, &connection->client_watch, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) {
        free(connection);
        return false;
    }
    TAILQ_INSERT_TAIL(&server->waiting[HF_CONNECTION_HEAD], connection, by_time);
    hf_server_wait(connection, HF_CONNECTION_HEAD);
    return true;
}

void hf_connection_continue(struct hf_connection *connection)
{
    switch (connection->state) {
    case HF_CONNECTION_HEAD:
        continue_head(connection);
        break;
    case HF_CONNECTION_SHAKE:
        hf_inner_continue(connection);
        break;
    case HF_CONNECTION_TUNNEL:
        (connection->inner ? hf_inner_continue : continue_tunnel)(connection);
        break;
    case HF_CONNECTION_REPLY:
        continue_reply(connection);
        break;
    default: /* what the client sends meanwhile stays with the kernel */
        break;
    }
}

/* The answer to connect(2). */
static void dialled(struct hf_connection *connection)
{
    struct hf_judgement judgement;
    int error = 0;
    socklen_t size = sizeof(error);

    if (connection->upstream.broken &&
        getsockopt(connection->upstream.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        error = errno;
    if (error) {
        connection->dial_error = error;
        dial_next(connection);
    } else if (connection->upstream.writable) {
        if (still_allowed(connection, &judgement))
            open_tunnel(connection);
        else
            refuse(connection, &judgement.decision);
    }
}

/* What a client does meanwhile is not read. */
static bool waits_for_others(const struct hf_connection *connection)
{
    return connection->state == HF_CONNECTION_DIAL || connection->state == HF_CONNECTION_RESOLVE || connection->upgrade ||
           (connection->inner && (connection->state == HF_CONNECTION_TUNNEL || connection->state == HF_CONNECTION_SHAKE));
}

/* The client is gone; one that only half-closed is not. Its last word, an alert, may have come before (tcp(7)): a client that
 * does not trust the CA leaves the rest of the handshake unread, which resets the connection. */
static void take_leave(struct hf_connection *connection)
{
    if (connection->state == HF_CONNECTION_SHAKE)
        hf_connection_continue(connection);
    if (!connection->dead && waits_for_others(connection))
        hf_connection_close(connection, true, "reset by one end");
}

void hf_connection_event(struct hf_watch *watch, uint32_t events)
{
    struct hf_connection *connection = watch->connection;
    struct hf_end *end = watch->kind == HF_WATCH_CLIENT ? &connection->client : &connection->upstream;

    if (connection->dead || end->fd < 0)
        return;
    end->ended = end->ended || events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    end->broken = end->broken || events & (EPOLLHUP | EPOLLERR);
    end->readable = end->readable || events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    end->writable = end->writable || events & (EPOLLOUT | EPOLLHUP | EPOLLERR);
    if (connection->state == HF_CONNECTION_DIAL && watch->kind == HF_WATCH_UPSTREAM)
        dialled(connection);
    else if ((events & (EPOLLHUP | EPOLLERR)) && watch->kind == HF_WATCH_CLIENT && waits_for_others(connection))
        take_leave(connection);
    else
        hf_connection_continue(connection);
}

void hf_connection_expire(struct hf_connection *connection)
{
    switch (connection->state) {
    case HF_CONNECTION_HEAD:
        if (connection->head_length)
            refuse_request(connection, 408, "the request head took too long");
        else
            hf_connection_close(connection, false, NULL);
        break;
    case HF_CONNECTION_RESOLVE:
        fail(connection, 504, "resolve", "the host's name could not be resolved in time");
        break;
    case HF_CONNECTION_DIAL:
        connection->dial_error = ETIMEDOUT;
        dial_next(connection);
        break;
    case HF_CONNECTION_SHAKE:
        hf_inner_expire(connection);
        break;
    case HF_CONNECTION_TUNNEL:
        hf_connection_close(connection, true, "idle for too long");
        break;
    default:
        hf_connection_close(connection, false, NULL);
        break;
    }
}

bool hf_connection_follow_rules(struct hf_connection *connection, const union hf_address *address,
                                struct hf_judgement *judgement)
{
    struct hf_rules *now = connection->server->rules;
    struct hf_admission *admission;
    struct hf_match match;

    if (connection->rules == now)
        return true;
    admission = hf_admission_new(connection->server->proxy->who, connection->client.fd, now->policy, &connection->target);
    if (!hf_judge_target(now->policy, &connection->target, admission, &match, judgement) ||
        !hf_judge_addresses(now->policy, &connection->target, admission, &match, address, 1, false, judgement)) {
        free(admission);
        return false;
    }
    hf_rules_leave(connection->rules);
    free(connection->admission);
    connection->rules = hf_rules_use(now);
    connection->admission = admission;
    connection->match = match;
    return true;
}
