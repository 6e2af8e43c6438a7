/* One direction of a tunnel: read only when what was read before has been written (back-pressure), pass an end of file
 * on as an end of file. */
#include "proxy/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ROUNDS 16 /* buffers moved in one go */

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

void hf_way_free(struct hf_way *way)
{
    free(way->held);
    way->held = NULL;
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
    hf_way_free(way);
    return HF_RELAY_MORE;
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

static enum hf_relay move_some(struct hf_end *from, struct hf_end *to, struct hf_way *way, char *scratch)
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
    way->bytes += (uint64_t)got;
    sent = got == 0 ? 0 : send_some(to, scratch, (size_t)got);
    if (sent < 0 || !hf_way_hold(way, scratch + sent, (size_t)(got - sent)))
        return HF_RELAY_BROKEN;
    return HF_RELAY_MORE;
}

enum hf_relay hf_relay_pump(struct hf_end *from, struct hf_end *to, struct hf_way *way, char *scratch)
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
        if (way->ended) {
            /* ENOTCONN: the other side has reset meanwhile, which its own way will find. */
            if (shutdown(to->fd, SHUT_WR) < 0 && errno != ENOTCONN)
                return HF_RELAY_BROKEN;
            way->done = true;
            return HF_RELAY_DONE;
        }
        if (!from->readable || !to->writable)
            return HF_RELAY_WAIT;
        result = move_some(from, to, way, scratch);
        if (result != HF_RELAY_MORE)
            return result;
    }
    return HF_RELAY_MORE;
}
