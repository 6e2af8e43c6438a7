/* Two directions, each with one buffer: what stands in it was read, and is written on as far as head and body go that were
 * judged. The server's connection is the client's own, so that whatever the two think of its state, no other client is
 * concerned; and the next request is read only when the answer to the last one has ended. */
#include "proxy/exchange.h"

#include <string.h>

#include "base/cleanup.h"
#include "proxy/answer.h"

#define ROUNDS 16 /* buffers moved in one go */

enum part {
    PART_HEAD,
    PART_BODY,
    PART_UNTIL_END, /* the body of an answer without a length */
    PART_NOTHING,   /* is expected of this side now */
    PART_RAW,       /* no HTTP any more */
    PART_LAST,      /* what was made here is the last */
    PART_OVER,
};

struct flow {
    struct hf_tls *from, *to;
    enum part part;
    struct hf_body body;
    char *made; /* goes first: a head that was written anew, or NULL */
    size_t made_start, made_end;
    size_t start, end; /* of `bytes` */
    size_t passing;    /* so many of them, from start, are to be passed on */
    uint64_t *count;
    char bytes[HF_ANSWER_LIMIT];
};

struct hf_exchange {
    struct hf_connection *connection;
    const struct hf_tls_ops *ops;
    struct flow up, down;
    bool is_last, is_head, to_websocket;
    const char *reason;
};

struct hf_exchange *hf_exchange_new(struct hf_connection *connection, const struct hf_tls_ops *ops, struct hf_tls *client,
                                    struct hf_tls *server)
{
    struct hf_exchange *exchange = calloc(1, sizeof(*exchange));

    if (!exchange)
        return NULL;
    exchange->connection = connection;
    exchange->ops = ops;
    exchange->up.from = exchange->down.to = client;
    exchange->up.to = exchange->down.from = server;
    exchange->up.count = &connection->up.bytes;
    exchange->down.count = &connection->down.bytes;
    exchange->down.part = PART_NOTHING;
    return exchange;
}

void hf_exchange_free(struct hf_exchange *exchange)
{
    if (!exchange)
        return;
    free(exchange->up.made);
    free(exchange->down.made);
    free(exchange);
}

const char *hf_exchange_reason(const struct hf_exchange *exchange)
{
    return exchange->reason;
}

bool hf_exchange_is_begun(const struct hf_exchange *exchange)
{
    return exchange->up.part == PART_HEAD && exchange->up.start < exchange->up.end;
}

static enum hf_exchange_result broken(struct hf_exchange *exchange, const char *reason)
{
    exchange->reason = reason;
    return HF_EXCHANGE_BROKEN;
}

/* MORE: all of it is written. */
static enum hf_exchange_result flush(struct hf_exchange *exchange, struct flow *flow)
{
    while (flow->made || flow->passing) {
        const char *bytes = flow->made ? flow->made + flow->made_start : flow->bytes + flow->start;
        const size_t length = flow->made ? flow->made_end - flow->made_start : flow->passing;
        size_t taken;
        const enum hf_tls_result result = exchange->ops->write(flow->to, bytes, length, &taken);

        if (result == HF_TLS_WAIT)
            return HF_EXCHANGE_WAIT;
        if (result != HF_TLS_DONE)
            return broken(exchange, "one end took no more bytes");
        *flow->count += taken;
        if (!flow->made) {
            flow->start += taken;
            flow->passing -= taken;
        } else if ((flow->made_start += taken) == flow->made_end) {
            free(hf_steal(flow->made, NULL));
        }
    }
    return HF_EXCHANGE_MORE;
}

/* Reads some more, for which there is room: a head that fills the buffer was refused. */
static enum hf_tls_result fill(struct hf_exchange *exchange, struct flow *flow)
{
    size_t got = 0;
    enum hf_tls_result result;

    memmove(flow->bytes, flow->bytes + flow->start, flow->end - flow->start);
    flow->end -= flow->start;
    flow->start = 0;
    result = exchange->ops->read(flow->from, flow->bytes + flow->end, sizeof(flow->bytes) - flow->end, &got);
    flow->end += got;
    return result;
}

static bool put_made(struct flow *flow, const struct hf_judged *judged)
{
    flow->made = malloc(judged->length);
    if (!flow->made)
        return false;
    memcpy(flow->made, judged->text, judged->length);
    flow->made_start = 0;
    flow->made_end = judged->length;
    return true;
}

/* Nothing more is passed on either way. */
static enum hf_exchange_result answer_last(struct hf_exchange *exchange, const struct hf_judged *judged)
{
    exchange->up.part = PART_NOTHING;
    exchange->up.passing = exchange->down.passing = 0;
    free(hf_steal(exchange->up.made, NULL));
    exchange->down.part = PART_LAST;
    return put_made(&exchange->down, judged) ? HF_EXCHANGE_MORE : broken(exchange, "no memory");
}

void hf_exchange_time_out(struct hf_exchange *exchange)
{
    struct hf_judged judged;

    hf_inner_refuse(exchange->connection, 408, "the request head took too long", &judged);
    (void)answer_last(exchange, &judged);
}

static enum hf_exchange_result take_request(struct hf_exchange *exchange, const struct hf_head *head)
{
    struct flow *up = &exchange->up;
    struct hf_judged judged;

    hf_inner_judge(exchange->connection, head, &judged);
    if (!judged.is_allowed)
        return answer_last(exchange, &judged);
    exchange->is_last = head->is_last;
    exchange->is_head = head->method.length == 4 && !memcmp(head->method.at, "HEAD", 4);
    exchange->to_websocket = judged.to_websocket;
    up->start += head->length;
    up->body = head->body;
    up->part = PART_BODY;
    exchange->down.part = PART_HEAD;
    return put_made(up, &judged) ? HF_EXCHANGE_MORE : broken(exchange, "no memory");
}

static enum hf_exchange_result read_request(struct hf_exchange *exchange)
{
    struct flow *up = &exchange->up;
    enum hf_exchange_result result;
    struct hf_judged judged;
    struct hf_head head;

    if (up->start < up->end) {
        switch (hf_head_parse_inside(up->bytes + up->start, up->end - up->start, &exchange->connection->target, &head)) {
        case HF_HEAD_DONE:
            return take_request(exchange, &head);
        case HF_HEAD_REFUSED:
            hf_inner_refuse(exchange->connection, head.status, head.reason, &judged);
            return answer_last(exchange, &judged);
        default:
            break;
        }
    }
    result = hf_exchange_of(fill(exchange, up));
    if (result <= HF_EXCHANGE_MORE)
        return result;
    return up->start == up->end ? HF_EXCHANGE_OVER : broken(exchange, "the client left within a request");
}

/* MORE: there are bytes to be passed on. */
static enum hf_exchange_result have_some(struct hf_exchange *exchange, struct flow *flow)
{
    return flow->start < flow->end ? HF_EXCHANGE_MORE : hf_exchange_of(fill(exchange, flow));
}

static enum hf_exchange_result pass_body(struct hf_exchange *exchange, struct flow *flow)
{
    const enum hf_exchange_result result = have_some(exchange, flow);

    if (result != HF_EXCHANGE_MORE)
        return result == HF_EXCHANGE_WAIT ? result : broken(exchange, "one end left within a body");
    if (!hf_body_take(&flow->body, flow->bytes + flow->start, flow->end - flow->start, &flow->passing))
        return broken(exchange, "the body's chunks are none that all read alike");
    return HF_EXCHANGE_MORE;
}

/* Everything, to the end of the side that it comes from. */
static enum hf_exchange_result pass_all(struct hf_exchange *exchange, struct flow *flow, enum part then)
{
    const enum hf_exchange_result result = have_some(exchange, flow);

    if (result == HF_EXCHANGE_WAIT)
        return result;
    if (result == HF_EXCHANGE_BROKEN)
        return broken(exchange, "one end left without a word");
    flow->passing = flow->end - flow->start;
    if (result == HF_EXCHANGE_OVER)
        flow->part = then;
    return HF_EXCHANGE_MORE;
}

static enum hf_exchange_result go_up(struct hf_exchange *exchange)
{
    const enum hf_exchange_result result = flush(exchange, &exchange->up);

    if (result != HF_EXCHANGE_MORE)
        return result;
    switch (exchange->up.part) {
    case PART_HEAD:
        return read_request(exchange);
    case PART_BODY:
        if (exchange->up.body.next != HF_BODY_END)
            return pass_body(exchange, &exchange->up);
        exchange->up.part = PART_NOTHING;
        return HF_EXCHANGE_MORE;
    case PART_RAW:
        return pass_all(exchange, &exchange->up, PART_OVER);
    case PART_OVER:
        (void)exchange->ops->finish(exchange->up.to);
        exchange->up.part = PART_NOTHING;
        return HF_EXCHANGE_WAIT;
    default:
        return HF_EXCHANGE_WAIT;
    }
}

static enum hf_exchange_result blame(struct hf_exchange *exchange, const char *reason)
{
    struct hf_judged judged;

    hf_inner_blame(exchange->connection, reason, &judged);
    return answer_last(exchange, &judged);
}

static enum hf_exchange_result take_answer(struct hf_exchange *exchange, const struct hf_answer *answer)
{
    struct flow *down = &exchange->down;

    if (answer->status == 101 && !exchange->to_websocket)
        return blame(exchange, "the server's answer is not to be understood: another protocol that nobody asked for");
    down->passing = answer->length;
    if (answer->is_interim)
        return HF_EXCHANGE_MORE;
    if (answer->is_websocket) {
        exchange->up.part = down->part = PART_RAW;
        return HF_EXCHANGE_MORE;
    }
    exchange->is_last = exchange->is_last || answer->is_last;
    down->body = answer->body;
    down->part = answer->until_end ? PART_UNTIL_END : PART_BODY;
    return HF_EXCHANGE_MORE;
}

static enum hf_exchange_result read_answer(struct hf_exchange *exchange)
{
    struct flow *down = &exchange->down;
    enum hf_exchange_result result;
    struct hf_answer answer;
    char reason[128];

    if (down->start < down->end) {
        switch (hf_answer_parse(down->bytes + down->start, down->end - down->start, exchange->is_head, &answer)) {
        case HF_HEAD_DONE:
            return take_answer(exchange, &answer);
        case HF_HEAD_REFUSED:
            snprintf(reason, sizeof(reason), "the server's answer is not to be understood: %s", answer.reason);
            return blame(exchange, reason);
        default:
            break;
        }
    }
    result = hf_exchange_of(fill(exchange, down));
    return result <= HF_EXCHANGE_MORE ? result : blame(exchange, "the server left without an answer");
}

/* The answer is over: on to the next request, where both still want one. What stands behind the answer was said before the
 * next request, and is no answer to it. */
static enum hf_exchange_result end_answer(struct hf_exchange *exchange)
{
    if (exchange->is_last || exchange->up.part != PART_NOTHING || exchange->down.start < exchange->down.end)
        return HF_EXCHANGE_OVER;
    exchange->up.part = PART_HEAD;
    exchange->down.part = PART_NOTHING;
    return HF_EXCHANGE_MORE;
}

/* Between requests a server has nothing to say, and may leave. */
static enum hf_exchange_result watch_server(struct hf_exchange *exchange)
{
    if (!exchange->down.from)
        return HF_EXCHANGE_WAIT;
    return fill(exchange, &exchange->down) == HF_TLS_WAIT ? HF_EXCHANGE_WAIT : HF_EXCHANGE_OVER;
}

static enum hf_exchange_result go_down(struct hf_exchange *exchange)
{
    struct flow *down = &exchange->down;
    const enum hf_exchange_result result = flush(exchange, down);

    if (result != HF_EXCHANGE_MORE)
        return result;
    switch (down->part) {
    case PART_HEAD:
        return read_answer(exchange);
    case PART_BODY:
        return down->body.next == HF_BODY_END ? end_answer(exchange) : pass_body(exchange, down);
    case PART_UNTIL_END:
    case PART_RAW:
        return pass_all(exchange, down, PART_LAST);
    case PART_NOTHING:
        return watch_server(exchange);
    default:
        return HF_EXCHANGE_OVER;
    }
}

enum hf_exchange_result hf_exchange_continue(struct hf_exchange *exchange)
{
    for (int i = 0; i < ROUNDS; i++) {
        const enum hf_exchange_result up = go_up(exchange);
        const enum hf_exchange_result down = up > HF_EXCHANGE_MORE ? up : go_down(exchange);

        if (down > HF_EXCHANGE_MORE || (up == HF_EXCHANGE_WAIT && down == HF_EXCHANGE_WAIT))
            return down;
    }
    return HF_EXCHANGE_MORE;
}
