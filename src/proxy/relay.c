/* One direction of a tunnel: read only when what was read before has been written (back-pressure), pass an end of file
 * on as an end of file. By splice(2), from socket to pipe to socket, without a copy; by a buffer where the bytes are looked
 * at (a body, whose end is to be found) and where no pipe is to be had. */
#include "proxy/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ROUNDS 16 /* buffers or pipes moved in one go */

bool hf_way_hold(struct hf_way *way, const char *bytes, size_t length)
{
    if (length == 0)
        return true;
    way->held = malloc(length);
    if (!way->held)
        return false;
    memcpy(way->held, bytes, length);
    way->start = 0;
    way->end = length;
    return true;
}

static void release_held(struct hf_way *way)
{
    free(way->held);
    way->held = NULL;
}

void hf_way_free(struct hf_way *way, struct hf_pipes *pipes)
{
    release_held(way);
    if (way->piped)
        hf_pipes_give(pipes, &way->pipe, false);
    way->piped = 0;
}

/* Sends some; the number of bytes taken, 0 when the socket is full, -1 when it is broken. */
static ssize_t send_some(struct hf_end *to, const char *bytes, size_t length)
{
    ssize_t sent;

    do
        sent = send(to->fd, bytes, length, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EAGAIN) {
        to->writable = false;
        return 0;
    }
    return sent;
}

static enum hf_relay flush(struct hf_end *to, struct hf_way *way)
{
    while (way->start < way->end) {
        ssize_t sent;

        if (!to->writable)
            return HF_RELAY_WAIT;
        sent = send_some(to, way->held + way->start, way->end - way->start);
        if (sent < 0)
            return HF_RELAY_BROKEN;
        way->start += (size_t)sent;
    }
    release_held(way);
    return HF_RELAY_MORE;
}

static ssize_t splice_some(int from, int to, size_t length)
{
    ssize_t moved;

    do
        moved = splice(from, NULL, to, NULL, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    while (moved < 0 && errno == EINTR);
    return moved;
}

static enum hf_relay drain(struct hf_end *to, struct hf_way *way, struct hf_pipes *pipes)
{
    while (way->piped) {
        ssize_t sent;

        if (!to->writable)
            return HF_RELAY_WAIT;
        sent = splice_some(way->pipe.out, to->fd, way->piped);
        if (sent < 0 && errno == EAGAIN)
            to->writable = false;
        else if (sent <= 0)
            return HF_RELAY_BROKEN;
        else
            way->piped -= (size_t)sent;
    }
    hf_pipes_give(pipes, &way->pipe, true);
    return HF_RELAY_MORE;
}

/* The pipe is empty, so that EAGAIN is about the socket. */
static enum hf_relay fill(struct hf_end *from, struct hf_way *way, struct hf_pipes *pipes)
{
    const ssize_t got = splice_some(from->fd, way->pipe.in, HF_PIPE_BYTES);

    if (got > 0) {
        way->piped = (size_t)got;
        way->bytes += (uint64_t)got;
        return HF_RELAY_MORE;
    }
    hf_pipes_give(pipes, &way->pipe, true); /* which leaves errno */
    if (got == 0)
        way->ended = true;
    else if (errno == EAGAIN)
        from->readable = false;
    else
        return HF_RELAY_BROKEN;
    return got == 0 ? HF_RELAY_MORE : HF_RELAY_WAIT;
}

/* Leaves of the bytes what is the body's. False where they are none that a body has. */
static bool cut(struct hf_body *body, const char *bytes, ssize_t *length)
{
    size_t taken;

    if (!hf_body_take(body, bytes, (size_t)*length, &taken))
        return false;
    *length = (ssize_t)taken;
    return true;
}

static enum hf_relay copy_some(struct hf_end *from, struct hf_end *to, struct hf_way *way, char *scratch)
{
    ssize_t got, sent;

    do
        got = recv(from->fd, scratch, HF_RELAY_BUFFER, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) {
        from->readable = false;
        return HF_RELAY_WAIT;
    }
    if (got < 0)
        return HF_RELAY_BROKEN;
    if (got == 0) {
        way->ended = true;
        return HF_RELAY_MORE;
    }
    if (way->body && !cut(way->body, scratch, &got)) {
        errno = EBADMSG;
        return HF_RELAY_BROKEN;
    }
    way->ended = way->body && way->ends_with_body && way->body->next == HF_BODY_END;
    way->bytes += (uint64_t)got;
    sent = got == 0 ? 0 : send_some(to, scratch, (size_t)got);
    if (sent < 0 || !hf_way_hold(way, scratch + sent, (size_t)(got - sent)))
        return HF_RELAY_BROKEN;
    return HF_RELAY_MORE;
}

static enum hf_relay move_some(struct hf_end *from, struct hf_end *to, struct hf_way *way, struct hf_pipes *pipes,
                               char *scratch)
{
    enum hf_relay result;

    if (way->body || !hf_pipes_take(pipes, &way->pipe))
        return copy_some(from, to, way, scratch);
    result = fill(from, way, pipes);
    return way->piped ? drain(to, way, pipes) : result;
}

enum hf_relay hf_relay_pump(struct hf_end *from, struct hf_end *to, struct hf_way *way, struct hf_pipes *pipes,
                            char *scratch)
{
    enum hf_relay result;

    if (way->done)
        return HF_RELAY_DONE;
    for (int i = 0; i < ROUNDS; i++) {
        if (way->held) {
            result = flush(to, way);
            if (result != HF_RELAY_MORE)
                return result;
        }
        if (way->piped) {
            result = drain(to, way, pipes);
            if (result != HF_RELAY_MORE)
                return result;
        }
        if (way->ended) {
            /* ENOTCONN: the other side has reset meanwhile, which its own way will find. */
            if (shutdown(to->fd, SHUT_WR) < 0 && errno != ENOTCONN)
                return HF_RELAY_BROKEN;
            way->done = true;
            return HF_RELAY_DONE;
        }
        if (!from->readable || !to->writable)
            return HF_RELAY_WAIT;
        result = move_some(from, to, way, pipes, scratch);
        if (result != HF_RELAY_MORE)
            return result;
    }
    return HF_RELAY_MORE;
}
