/* First the client's ClientHello, which must be for the place that the tunnel goes to; then TLS with the server, by what the
 * client offers; then TLS with the client, by what the server chose; then HTTP. So both sides speak the same protocol, and
 * nothing is translated. A server that cannot be trusted is told of to the client as an answer to its request. */
#include "proxy/inner.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "proxy/exchange.h"
#include "proxy/request.h"

#define SPOKEN (HF_TLS_HTTP1 | HF_TLS_HTTP2)

enum phase { PHASE_HELLO, PHASE_SERVER, PHASE_CLIENT, PHASE_HTTP };

struct hf_inner {
    struct hf_server *proxy;
    const struct hf_terminator *terminator;
    enum phase phase;
    union hf_address address;
    struct hf_tls *client, *server;
    struct hf_tls_hello hello;
    struct hf_exchange *exchange; /* of HTTP/1, */
    struct hf_http2 *http2;       /* or this one, */
    bool is_wide;                 /* which is one of few */
    char failure[HF_TLS_REASON_MAX + 64]; /* of the server's TLS, or "" */
};

static struct hf_tls_place place_of(const struct hf_target *target)
{
    return (struct hf_tls_place){target->host, target->address.any.sa_family != AF_UNSPEC};
}

struct hf_inner *hf_inner_new(struct hf_connection *connection, const union hf_address *address, const char *early,
                              size_t length)
{
    struct hf_inner *inner = calloc(1, sizeof(*inner));

    if (!inner)
        return NULL;
    inner->proxy = connection->server;
    inner->terminator = connection->server->proxy->terminator;
    inner->address = *address;
    inner->client = inner->terminator->ops->accept(inner->terminator->world, &connection->client, early, length);
    if (!inner->client) {
        free(inner);
        return NULL;
    }
    inner->proxy->terminated++;
    return inner;
}

void hf_inner_free(struct hf_inner *inner)
{
    if (!inner)
        return;
    hf_exchange_free(inner->exchange);
    inner->terminator->ops->http2_free(inner->http2);
    inner->terminator->ops->free(inner->client);
    inner->terminator->ops->free(inner->server);
    inner->proxy->terminated--;
    inner->proxy->wide -= inner->is_wide;
    free(inner);
}

/* The log is told; what there is to say to a client by an alert has been said. */
static void end(struct hf_connection *connection, bool is_denied, const char *remedy, const char *reason)
{
    struct hf_judgement judgement;

    hf_judge(&judgement, &connection->target, &connection->match, is_denied ? "deny" : "error", is_denied ? 403 : 502, "tls",
             "%s", reason);
    judgement.decision.address = connection->address;
    judgement.decision.remedy = remedy;
    hf_connection_decide(connection, &judgement.decision);
    hf_connection_drain(connection, "TLS could not be agreed on");
}

/* NULL, or why the ClientHello is for another place. No address stands in a server name (RFC 6066 section 3). */
static const char *other_place(const struct hf_tls_hello *hello, const struct hf_target *target)
{
    if (target->address.any.sa_family != AF_UNSPEC)
        return hello->name[0] ? "the TLS inside of the tunnel is for a name, and the tunnel for an address" : NULL;
    if (!hello->name[0])
        return "the TLS inside of the tunnel does not say for which host it is (no server name)";
    return strcmp(hello->name, target->host) ? "the TLS inside of the tunnel is for another host than the tunnel" : NULL;
}

static bool answer_hello(struct hf_connection *connection)
{
    struct hf_inner *inner = connection->inner;
    const struct hf_tls_ops *ops = inner->terminator->ops;
    const struct hf_tls_place place = place_of(&connection->target);
    const char *problem;
    char reason[HF_TLS_REASON_MAX + 64];

    switch (ops->hello(inner->client, &inner->hello)) {
    case HF_TLS_DONE:
        break;
    case HF_TLS_WAIT:
        return false;
    case HF_TLS_ENDED:
        hf_connection_drain(connection, "the client left before TLS");
        return false;
    default:
        snprintf(reason, sizeof(reason), "what is inside of the tunnel is no TLS: %s", ops->reason(inner->client));
        end(connection, true, NULL, reason);
        return false;
    }
    problem = other_place(&inner->hello, &connection->target);
    if (problem || (inner->hello.offers && !(inner->hello.protocols & SPOKEN))) {
        ops->refuse(inner->client, problem);
        end(connection, true, NULL, problem ? problem : "the client speaks no protocol in TLS that is looked into here");
        return false;
    }
    inner->server = ops->connect(inner->terminator->world, &connection->upstream, &place,
                                 inner->hello.offers ? inner->hello.protocols & SPOKEN : 0);
    inner->phase = PHASE_SERVER;
    if (!inner->server)
        hf_connection_close(connection, true, "no memory");
    return inner->server;
}

static bool shake_server(struct hf_connection *connection)
{
    struct hf_inner *inner = connection->inner;
    const struct hf_tls_ops *ops = inner->terminator->ops;
    const struct hf_tls_place place = place_of(&connection->target);
    const unsigned offered = inner->hello.protocols & SPOKEN;
    unsigned protocol = offered & HF_TLS_HTTP1;

    switch (ops->handshake(inner->server)) {
    case HF_TLS_WAIT:
        return false;
    case HF_TLS_DONE:
        if (ops->protocol(inner->server))
            protocol = ops->protocol(inner->server);
        break;
    default: /* which is told in any protocol */
        protocol = protocol ? protocol : offered;
        snprintf(inner->failure, sizeof(inner->failure), "the server's TLS is not to be trusted: %s",
                 ops->reason(inner->server));
        ops->free(hf_steal(inner->server, NULL));
    }
    inner->phase = PHASE_CLIENT;
    if (inner->hello.offers && !protocol) {
        ops->refuse(inner->client, false);
        end(connection, false, NULL, "the server speaks no protocol that the client offers");
        return false;
    }
    if (ops->answer(inner->client, &place, protocol))
        return true;
    hf_connection_close(connection, true, "no certificate could be made");
    return false;
}

static void begin_http2(struct hf_connection *connection)
{
    struct hf_inner *inner = connection->inner;
    const bool is_wide = inner->proxy->wide < inner->proxy->limits.wide;

    inner->http2 = inner->terminator->ops->http2_new(inner->client, inner->server,
                                                     &(struct hf_http2_hooks){.context = connection,
                                                                              .judge = hf_inner_judge_http2,
                                                                              .up = &connection->up.bytes,
                                                                              .down = &connection->down.bytes,
                                                                              .is_wide = is_wide});
    inner->is_wide = inner->http2 && is_wide;
    inner->proxy->wide += inner->is_wide;
}

static bool shake_client(struct hf_connection *connection)
{
    struct hf_inner *inner = connection->inner;
    const struct hf_tls_ops *ops = inner->terminator->ops;
    char reason[HF_TLS_REASON_MAX + 64];

    switch (ops->handshake(inner->client)) {
    case HF_TLS_WAIT:
        return false;
    case HF_TLS_DONE:
        break;
    default:
        snprintf(reason, sizeof(reason), "the client did not agree to TLS with the proxy: %s", ops->reason(inner->client));
        end(connection, false, "make the program trust the certificates in the file that SSL_CERT_FILE names", reason);
        return false;
    }
    if (ops->protocol(inner->client) == HF_TLS_HTTP2)
        begin_http2(connection);
    else
        inner->exchange = hf_exchange_new(connection, ops, inner->client, inner->server);
    inner->phase = PHASE_HTTP;
    if (inner->http2 || inner->exchange)
        return true;
    hf_connection_close(connection, true, "no memory");
    return false;
}

static enum hf_exchange_result continue_http2(struct hf_inner *inner)
{
    switch (inner->terminator->ops->http2_continue(inner->http2)) {
    case HF_TLS_DONE:
        return HF_EXCHANGE_MORE;
    case HF_TLS_WAIT:
        return HF_EXCHANGE_WAIT;
    case HF_TLS_ENDED:
        return HF_EXCHANGE_OVER;
    default:
        return HF_EXCHANGE_BROKEN;
    }
}

static bool is_begun(const struct hf_inner *inner)
{
    return inner->http2 ? inner->terminator->ops->http2_is_begun(inner->http2) : hf_exchange_is_begun(inner->exchange);
}

static void exchange(struct hf_connection *connection)
{
    struct hf_inner *inner = connection->inner;

    switch (inner->http2 ? continue_http2(inner) : hf_exchange_continue(inner->exchange)) {
    case HF_EXCHANGE_OVER:
        (void)inner->terminator->ops->finish(inner->client);
        hf_connection_drain(connection, "closed by both ends");
        return;
    case HF_EXCHANGE_BROKEN:
        hf_connection_close(connection, true,
                            inner->http2 ? inner->terminator->ops->http2_reason(inner->http2)
                                         : hf_exchange_reason(inner->exchange));
        return;
    case HF_EXCHANGE_MORE:
        hf_server_turn(connection);
        break;
    default:
        break;
    }
    /* A head has its time from its first byte on. */
    if (!is_begun(inner))
        hf_server_wait(connection, HF_CONNECTION_TUNNEL);
    else if (connection->state != HF_CONNECTION_SHAKE)
        hf_server_wait(connection, HF_CONNECTION_SHAKE);
}

void hf_inner_continue(struct hf_connection *connection)
{
    struct hf_inner *inner = connection->inner;

    if (inner->phase == PHASE_HELLO && !answer_hello(connection))
        return;
    if (inner->phase == PHASE_SERVER && !shake_server(connection))
        return;
    if (inner->phase == PHASE_CLIENT && !shake_client(connection))
        return;
    exchange(connection);
}

void hf_inner_expire(struct hf_connection *connection)
{
    struct hf_inner *inner = connection->inner;

    if (inner->http2) {
        hf_connection_close(connection, true, "a request head took too long");
    } else if (inner->phase == PHASE_HTTP) {
        hf_exchange_time_out(inner->exchange);
        exchange(connection);
    } else {
        end(connection, false, NULL,
            inner->phase == PHASE_SERVER ? "the server's TLS handshake took too long"
                                         : "the client's TLS handshake took too long");
    }
}

static void tell(struct hf_connection *connection, struct hf_decision *decision, struct hf_judged *judged)
{
    _Static_assert(sizeof(judged->text) >= HF_TELL_MAX, "a refusal fits");
    decision->address = connection->address;
    hf_connection_decide(connection, decision);
    judged->is_allowed = judged->to_websocket = false;
    judged->length = hf_tell_client(judged->text, decision);
}

void hf_inner_refuse(struct hf_connection *connection, int status, const char *reason, struct hf_judged *judged)
{
    struct hf_judgement judgement;

    hf_judge(&judgement, &connection->target, &connection->match, "deny", status, "request", "%s", reason);
    tell(connection, &judgement.decision, judged);
}

void hf_inner_blame(struct hf_connection *connection, const char *reason, struct hf_judged *judged)
{
    struct hf_judgement judgement;

    hf_judge(&judgement, &connection->target, &connection->match, "error", 502, "tls", "%s", reason);
    tell(connection, &judgement.decision, judged);
}

/* It was for their rules that TLS ended here; but there may be others now, by which a tunnel would be let through unseen. */
static bool unjudged(const struct hf_connection *connection, const struct hf_request *request, struct hf_rest_target *target,
                     struct hf_judgement *judgement)
{
    if (request->problem || !hf_rest_target_keep(request->target, target)) {
        hf_judge(judgement, &connection->target, &connection->match, "deny", 403, "request", "%s",
                 request->problem ? request->problem : "the path has characters that none may have");
        return false;
    }
    hf_judge(judgement, &connection->target, &connection->match, "allow", 200, NULL, "the policy allows it");
    return true;
}

bool hf_inner_ask(struct hf_connection *connection, const struct hf_request *request, struct hf_rest_target *target,
                  struct hf_judgement *judgement)
{
    struct hf_match match;

    target->length = 0;
    if (!hf_connection_follow_rules(connection, &connection->inner->address, judgement))
        return false;
    match = connection->match;
    switch (hf_judge_request(connection->rules->policy, &connection->target, connection->admission,
                             &connection->inner->address, request, target, &match, judgement)) {
    case HF_REQUEST_ALLOWED:
    case HF_REQUEST_AUDITED:
        return true;
    case HF_REQUEST_DENIED:
        return false;
    default:
        return unjudged(connection, request, target, judgement);
    }
}

const char *hf_inner_failure(const struct hf_connection *connection)
{
    return connection->inner->failure;
}

void hf_inner_judge(struct hf_connection *connection, const struct hf_head *head, struct hf_judged *judged)
{
    const struct hf_request request = hf_request_of_head(head);
    struct hf_judgement judgement;
    struct hf_rest_target target;

    if (connection->inner->failure[0]) {
        hf_inner_blame(connection, connection->inner->failure, judged);
        return;
    }
    if (!hf_inner_ask(connection, &request, &target, &judgement)) {
        tell(connection, &judgement.decision, judged);
        return;
    }
    judgement.decision.address = connection->address;
    hf_connection_decide(connection, &judgement.decision);
    judged->is_allowed = true;
    judged->to_websocket = head->wants_websocket;
    judged->length = hf_forward_head_inside(head, (struct hf_span){target.wire, target.length}, judged->to_websocket,
                                            judged->text);
}
