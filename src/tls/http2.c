/* Two sessions of nghttp2, as a server with the client and as a client with the server, and a stream of one for each stream of
 * the other: nothing but heads is looked into, and nothing is translated. What is malformed by RFC 9113 nghttp2 refuses. A
 * body is read only as fast as the other side takes it: what waits here is what the windows let in (RFC 9113 section 5.2). */
#include "tls/http2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/session.h"
#include "tls/stream.h"

#define ROUNDS 16                  /* buffers moved in one go */
#define STREAMS_MAX 100
#define STREAM_WINDOW (256 * 1024) /* bytes of a body that may wait, */
#define WINDOW (1024 * 1024)       /* and of all of a connection's in one direction, where it is wide; */
#define NARROW_WINDOW 65535        /* else both (RFC 9113 section 6.9.2) */
#define FRAMES_MAX (4 * STREAMS_MAX) /* that wait to be sent to one side: more is not read */

struct side {
    struct hf_tls *tls; /* NULL: there is none */
    nghttp2_session *session;
    const uint8_t *pending; /* to be written, nghttp2's until it is asked for more */
    size_t left;
    bool is_over; /* it sends nothing any more */
};

struct hf_http2 {
    struct side client, server;
    struct hf_http2_hooks hooks;
    TAILQ_HEAD(, hf_stream) streams;
    unsigned begun; /* heads of requests that are not whole */
    const char *reason; /* why it failed */
};

static bool is_of_client(const struct hf_http2 *http2, const nghttp2_session *session)
{
    return session == http2->client.session;
}

static struct hf_stream *find(nghttp2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session, id);
}

/* The window is opened again by what has gone on. */
static void consume(struct side *side, int32_t id, size_t length)
{
    if (!side->session || !length)
        return;
    if (id)
        (void)nghttp2_session_consume(side->session, id, length);
    else
        (void)nghttp2_session_consume_connection(side->session, length);
}

/* What its end leaves unread must not hold the others' window. */
static void drop(struct hf_http2 *http2, struct hf_stream *stream)
{
    consume(&http2->client, 0, stream->up.end - stream->up.start);
    if (!stream->is_own)
        consume(&http2->server, 0, stream->down.end - stream->down.start);
    TAILQ_REMOVE(&http2->streams, stream, in_list);
    hf_stream_free(stream);
}

static void reset(struct side *side, int32_t id, uint32_t code)
{
    if (id && side->session)
        (void)nghttp2_submit_rst_stream(side->session, NGHTTP2_FLAG_NONE, id, code);
}

static ssize_t take(struct hf_stream_body *body, uint8_t *bytes, size_t size, uint32_t *flags)
{
    size_t length = body->end - body->start;

    if (!length && !body->ended) {
        body->paused = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    length = length < size ? length : size;
    if (length)
        memcpy(bytes, body->bytes + body->start, length);
    body->start += length;
    if (body->ended && body->start == body->end)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (body->start == body->end) { /* an idle stream costs no buffer */
        free(body->bytes);
        body->bytes = NULL;
        body->start = body->end = body->size = 0;
    }
    return (ssize_t)length;
}

static ssize_t read_up(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t size, uint32_t *flags,
                       nghttp2_data_source *source, void *context)
{
    struct hf_http2 *http2 = context;
    struct hf_stream *stream = source->ptr;
    const ssize_t length = take(&stream->up, bytes, size, flags);

    (void)session, (void)id;
    if (length > 0) {
        consume(&http2->client, stream->client, (size_t)length);
        *http2->hooks.up += (size_t)length;
    }
    return length;
}

static ssize_t read_down(nghttp2_session *session, int32_t id, uint8_t *bytes, size_t size, uint32_t *flags,
                         nghttp2_data_source *source, void *context)
{
    struct hf_http2 *http2 = context;
    struct hf_stream *stream = source->ptr;
    const ssize_t length = take(&stream->down, bytes, size, flags);
    nghttp2_nv nva[HF_STREAM_FIELDS_MAX];

    if (length > 0) {
        if (!stream->is_own)
            consume(&http2->server, stream->server, (size_t)length);
        *http2->hooks.down += (size_t)length;
    }
    if ((*flags & NGHTTP2_DATA_FLAG_EOF) && stream->trailers.count) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        if (nghttp2_submit_trailer(session, id, nva, hf_head_names(&stream->trailers, nva)) != 0)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    return length;
}

static void resume(struct side *side, int32_t id, struct hf_stream_body *body)
{
    if (!body->paused || !id || !side->session)
        return;
    body->paused = false;
    (void)nghttp2_session_resume_data(side->session, id);
}

static nghttp2_nv name_value(const char *name, struct hf_span value)
{
    return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value.at, strlen(name), value.length,
                        NGHTTP2_NV_FLAG_NONE};
}

static struct hf_span word(const char *text)
{
    return (struct hf_span){text, strlen(text)};
}

/* An answer of our own. The rest of the request is read and thrown away. */
static int answer(struct hf_http2 *http2, struct hf_stream *stream, int status, struct hf_span body)
{
    const nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = read_down};
    char number[16], length[24];
    nghttp2_nv nva[4];

    snprintf(number, sizeof(number), "%d", status);
    snprintf(length, sizeof(length), "%zu", body.length);
    nva[0] = name_value(":status", word(number));
    nva[1] = name_value("content-type", word("application/json"));
    nva[2] = name_value("content-length", word(length));
    nva[3] = name_value("cache-control", word("no-store"));
    stream->answered = stream->is_own = stream->down.ended = true;
    return hf_body_add(&stream->down, (const uint8_t *)body.at, body.length) &&
                   nghttp2_submit_response(http2->client.session, stream->client, nva, 4, &provider) == 0
               ? 0
               : NGHTTP2_ERR_CALLBACK_FAILURE;
}

/* Takes the pseudo-header fields out of the list. */
static size_t sort_fields(const struct hf_stream_head *head, struct hf_http2_field *fields, struct hf_http2_request *request)
{
    const struct {
        const char *name;
        struct hf_span *slot;
    } pseudo[] = {
        {":method", &request->method},
        {":scheme", &request->scheme},
        {":authority", &request->authority},
        {":path", &request->path},
    };
    size_t count = 0;

    for (size_t i = 0; i < head->count; i++) {
        const struct hf_http2_field field = hf_head_field(head, i);
        bool is_pseudo = false;

        for (size_t j = 0; j < sizeof(pseudo) / sizeof(pseudo[0]); j++) {
            if (!hf_is_word(field.name, pseudo[j].name))
                continue;
            *pseudo[j].slot = field.value;
            is_pseudo = true;
        }
        if (!is_pseudo)
            fields[count++] = field;
    }
    return count;
}

/* Host stands in :authority; the rest of these is for this hop (RFC 9113 section 8.2.2). */
static bool is_passed_on(const struct hf_http2_field *field)
{
    return !hf_is_word(field->name, "host") && !hf_is_word(field->name, "proxy-authorization") &&
           (!hf_is_word(field->name, "te") || hf_is_word(field->value, "trailers"));
}

static int pass_request(struct hf_http2 *http2, struct hf_stream *stream, const struct hf_http2_request *request,
                        struct hf_span path)
{
    const nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = read_up};
    nghttp2_nv nva[HF_STREAM_FIELDS_MAX + 4];
    size_t count = 0;
    int32_t id;

    nva[count++] = name_value(":method", request->method);
    nva[count++] = name_value(":scheme", request->scheme);
    nva[count++] = name_value(":authority", request->authority);
    nva[count++] = name_value(":path", path);
    for (size_t i = 0; i < request->count; i++)
        if (is_passed_on(&request->fields[i]))
            nva[count++] = (nghttp2_nv){(uint8_t *)(uintptr_t)request->fields[i].name.at,
                                        (uint8_t *)(uintptr_t)request->fields[i].value.at, request->fields[i].name.length,
                                        request->fields[i].value.length, NGHTTP2_NV_FLAG_NONE};
    id = http2->server.session ? nghttp2_submit_request(http2->server.session, NULL, nva, count,
                                                        stream->up.ended ? NULL : &provider, stream)
                               : 0; /* it has left meanwhile */
    if (id > 0) {
        stream->server = id;
        return 0;
    }
    /* The server takes no more on this connection: the client is to ask again on another (RFC 9113 section 6.8). */
    reset(&http2->client, stream->client, NGHTTP2_REFUSED_STREAM);
    return nghttp2_submit_goaway(http2->client.session, NGHTTP2_FLAG_NONE,
                                 nghttp2_session_get_last_proc_stream_id(http2->client.session), NGHTTP2_NO_ERROR, NULL, 0);
}

static int take_request(struct hf_http2 *http2, struct hf_stream *stream)
{
    struct hf_http2_field fields[HF_STREAM_FIELDS_MAX];
    struct hf_http2_request request = {.fields = fields};
    struct hf_http2_judged judged = {.is_allowed = false};
    int result;

    request.count = sort_fields(&stream->head, fields, &request);
    request.is_too_large = stream->head.too_large;
    http2->hooks.judge(http2->hooks.context, &request, &judged);
    if (judged.is_allowed)
        result = pass_request(http2, stream, &request, (struct hf_span){judged.text, judged.length});
    else
        result = answer(http2, stream, judged.status,
                        (struct hf_span){judged.text, hf_is_word(request.method, "HEAD") ? 0 : judged.length});
    hf_head_clear(&stream->head);
    return result;
}

static int status_of(const struct hf_stream_head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        const struct hf_http2_field field = hf_head_field(head, i);

        if (hf_is_word(field.name, ":status") && field.value.length == 3) /* which nghttp2 has looked at */
            return (field.value.at[0] - '0') * 100 + (field.value.at[1] - '0') * 10 + field.value.at[2] - '0';
    }
    return 0;
}

static int take_answer(struct hf_http2 *http2, struct hf_stream *stream)
{
    const nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = read_down};
    nghttp2_nv nva[HF_STREAM_FIELDS_MAX];
    const int status = status_of(&stream->head);
    size_t count;
    int result = 0;

    if (stream->trailers.too_large)
        reset(&http2->client, stream->client, NGHTTP2_INTERNAL_ERROR);
    if (stream->answered || !stream->client) /* trailers, or nobody waits for it any more */
        return 0;
    if (stream->head.too_large || status < 100 || status == 101) {
        reset(&http2->server, stream->server, NGHTTP2_PROTOCOL_ERROR);
        return 0;
    }
    count = hf_head_names(&stream->head, nva);
    if (status < 200) {
        result = nghttp2_submit_headers(http2->client.session, NGHTTP2_FLAG_NONE, stream->client, NULL, nva, count, NULL) < 0;
    } else {
        stream->answered = true;
        result = nghttp2_submit_response(http2->client.session, stream->client, nva, count,
                                         stream->down.ended ? NULL : &provider);
    }
    hf_head_clear(&stream->head);
    return result ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    struct hf_http2 *http2 = context;
    struct hf_stream *stream;

    if (frame->hd.type != NGHTTP2_HEADERS || !is_of_client(http2, session) ||
        frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    stream = hf_stream_new(frame->hd.stream_id);
    if (!stream)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    TAILQ_INSERT_TAIL(&http2->streams, stream, in_list);
    stream->begun = true;
    http2->begun++;
    return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                     const uint8_t *value, size_t value_length, uint8_t flags, void *context)
{
    const struct hf_http2 *http2 = context;
    struct hf_stream *stream = find(session, frame->hd.stream_id);
    struct hf_stream_head *head;

    (void)flags;
    if (!stream || frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    if (is_of_client(http2, session) && frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* no rule is asked of trailers: the stream is reset */
    head = !is_of_client(http2, session) && stream->answered ? &stream->trailers : &stream->head;
    return hf_head_add(head, name, name_length, value, value_length) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    struct hf_http2 *http2 = context;
    const bool is_of_the_client = is_of_client(http2, session);
    struct hf_stream *stream = find(session, frame->hd.stream_id);
    int result = 0;

    if (!stream || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        *(is_of_the_client ? &stream->up.ended : &stream->down.ended) = true;
    if (frame->hd.type == NGHTTP2_HEADERS && is_of_the_client && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        stream->begun = false;
        http2->begun--;
        result = take_request(http2, stream);
    } else if (frame->hd.type == NGHTTP2_HEADERS && !is_of_the_client) {
        result = take_answer(http2, stream);
    }
    if (is_of_the_client)
        resume(&http2->server, stream->server, &stream->up);
    else
        resume(&http2->client, stream->client, &stream->down);
    return result;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t length, void *context)
{
    struct hf_http2 *http2 = context;
    const bool is_of_the_client = is_of_client(http2, session);
    struct hf_stream *stream = find(session, id);

    (void)flags;
    if (!stream || !(is_of_the_client ? stream->server : stream->client)) { /* nobody wants it */
        consume(is_of_the_client ? &http2->client : &http2->server, id, length);
        return 0;
    }
    if (!hf_body_add(is_of_the_client ? &stream->up : &stream->down, bytes, length))
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    if (is_of_the_client)
        resume(&http2->server, stream->server, &stream->up);
    else
        resume(&http2->client, stream->client, &stream->down);
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *context)
{
    struct hf_http2 *http2 = context;
    struct hf_stream *stream = find(session, id);

    if (!stream)
        return 0;
    if (is_of_client(http2, session)) {
        http2->begun -= stream->begun;
        stream->client = 0;
        reset(&http2->server, stream->server, NGHTTP2_CANCEL);
    } else {
        stream->server = 0;
        if (!stream->down.ended)
            reset(&http2->client, stream->client, code ? code : NGHTTP2_INTERNAL_ERROR);
    }
    if (!stream->client && !stream->server)
        drop(http2, stream);
    return 0;
}

static bool open_session(struct hf_http2 *http2, struct side *side, bool is_client)
{
    const bool is_wide = http2->hooks.is_wide;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, is_wide ? STREAM_WINDOW : NARROW_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HF_STREAM_HEAD_MAX},
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, /* of a client alone (RFC 9113 section 6.5.2) */
    };
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    bool opened = false;

    if (nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
        nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
        nghttp2_option_set_no_auto_window_update(option, 1);
        opened = (is_client ? nghttp2_session_client_new2 : nghttp2_session_server_new2)(&side->session, callbacks, http2,
                                                                                         option) == 0 &&
                 nghttp2_submit_settings(side->session, NGHTTP2_FLAG_NONE, settings, is_client ? 4 : 3) == 0 &&
                 nghttp2_session_set_local_window_size(side->session, NGHTTP2_FLAG_NONE, 0,
                                                       is_wide ? WINDOW : NARROW_WINDOW) == 0;
    }
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    return opened;
}

struct hf_http2 *hf_http2_new(struct hf_tls *client, struct hf_tls *server, const struct hf_http2_hooks *hooks)
{
    struct hf_http2 *http2 = calloc(1, sizeof(*http2));

    if (!http2)
        return NULL;
    TAILQ_INIT(&http2->streams);
    http2->hooks = *hooks;
    http2->client.tls = client;
    http2->server.tls = server;
    if (open_session(http2, &http2->client, false) && (!server || open_session(http2, &http2->server, true)))
        return http2;
    hf_http2_free(http2);
    return NULL;
}

void hf_http2_free(struct hf_http2 *http2)
{
    struct hf_stream *stream;

    if (!http2)
        return;
    nghttp2_session_del(http2->client.session);
    nghttp2_session_del(http2->server.session);
    while ((stream = TAILQ_FIRST(&http2->streams))) {
        TAILQ_REMOVE(&http2->streams, stream, in_list);
        hf_stream_free(stream);
    }
    free(http2);
}

bool hf_http2_is_begun(const struct hf_http2 *http2)
{
    return http2->begun;
}

const char *hf_http2_reason(const struct hf_http2 *http2)
{
    return http2->reason;
}

/* Heads and resets have no window (RFC 9113 section 5.2.1): who sends them waits for who does not take what comes of them. */
static bool is_clogged(const struct side *side)
{
    return side->session && nghttp2_session_get_outbound_queue_size(side->session) > FRAMES_MAX;
}

/* DONE: something came. */
static enum hf_tls_result receive(struct hf_http2 *http2, struct side *side)
{
    uint8_t bytes[16384];
    size_t got;
    enum hf_tls_result result;

    if (!side->session || side->is_over || is_clogged(&http2->client) || is_clogged(&http2->server))
        return HF_TLS_WAIT;
    result = hf_session_read(side->tls, (char *)bytes, sizeof(bytes), &got);
    if (result == HF_TLS_FAILED)
        http2->reason = "one end left without a word";
    if (result != HF_TLS_DONE || nghttp2_session_mem_recv(side->session, bytes, got) >= 0)
        return result;
    http2->reason = "what the client sent is no HTTP/2";
    return HF_TLS_FAILED;
}

/* DONE: something went. */
static enum hf_tls_result transmit(struct side *side)
{
    enum hf_tls_result result;
    size_t taken;

    if (!side->session)
        return HF_TLS_WAIT;
    if (!side->left) {
        const ssize_t length = nghttp2_session_mem_send(side->session, &side->pending);

        if (length < 0)
            return HF_TLS_FAILED;
        side->left = (size_t)length;
    }
    if (!side->left)
        return HF_TLS_WAIT;
    result = hf_session_write(side->tls, (const char *)side->pending, side->left, &taken);
    side->pending += taken;
    side->left -= taken;
    return result;
}

/* The server has left, or has said what is none: no stream of its comes to an end any more. */
static void lose_server(struct hf_http2 *http2)
{
    struct hf_stream *next;

    http2->server.is_over = true;
    nghttp2_session_del(http2->server.session);
    http2->server.session = NULL;
    for (struct hf_stream *stream = TAILQ_FIRST(&http2->streams); stream; stream = next) {
        next = TAILQ_NEXT(stream, in_list);
        if (stream->server && !stream->down.ended)
            reset(&http2->client, stream->client, NGHTTP2_INTERNAL_ERROR);
        stream->server = 0;
        if (!stream->client)
            drop(http2, stream);
    }
    (void)nghttp2_submit_goaway(http2->client.session, NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(http2->client.session), NGHTTP2_NO_ERROR, NULL, 0);
}

/* The client says no more: what it has asked for in full is answered still. */
static void end_client(struct hf_http2 *http2)
{
    struct hf_stream *stream;

    http2->client.is_over = true;
    TAILQ_FOREACH(stream, &http2->streams, in_list)
        if (!stream->up.ended)
            reset(&http2->client, stream->client, NGHTTP2_CANCEL);
}

static bool is_over(const struct hf_http2 *http2, enum hf_tls_result to_client)
{
    const struct side *client = &http2->client;

    if (!client->left && !nghttp2_session_want_read(client->session) && !nghttp2_session_want_write(client->session))
        return true;
    return (client->is_over || http2->server.is_over) && TAILQ_EMPTY(&http2->streams) && !client->left &&
           to_client == HF_TLS_WAIT;
}

enum hf_tls_result hf_http2_continue(struct hf_http2 *http2)
{
    for (int i = 0; i < ROUNDS; i++) {
        const enum hf_tls_result from_client = receive(http2, &http2->client), from_server = receive(http2, &http2->server);
        enum hf_tls_result to_client, to_server;

        if (from_client == HF_TLS_FAILED)
            return HF_TLS_FAILED;
        if (from_client == HF_TLS_ENDED)
            end_client(http2);
        if (from_server == HF_TLS_ENDED || from_server == HF_TLS_FAILED)
            lose_server(http2);
        to_server = transmit(&http2->server);
        if (to_server == HF_TLS_FAILED)
            lose_server(http2);
        to_client = transmit(&http2->client);
        if (to_client == HF_TLS_FAILED) {
            http2->reason = "one end took no more bytes";
            return HF_TLS_FAILED;
        }
        if (is_over(http2, to_client))
            return HF_TLS_ENDED;
        if (from_client == HF_TLS_WAIT && from_server == HF_TLS_WAIT && to_client == HF_TLS_WAIT &&
            to_server == HF_TLS_WAIT)
            return HF_TLS_WAIT;
    }
    return HF_TLS_DONE;
}
