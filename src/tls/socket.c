/* Bytes between OpenSSL and a non-blocking socket of the proxy's, with what edge-triggered epoll last said of it kept. */
#include "tls/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define READS_MAX 128 /* in one call of OpenSSL's: two for a record, of which some may be nothing to hand out */

struct state {
    struct hf_end *end;
    unsigned reads;
    size_t start, length; /* of `early` */
    char early[];
};

static int read_some(BIO *bio, char *bytes, int size)
{
    struct state *state = BIO_get_data(bio);
    const size_t left = state->length - state->start;
    ssize_t got;

    BIO_clear_retry_flags(bio);
    if (state->reads == READS_MAX) {
        BIO_set_retry_read(bio);
        return -1;
    }
    state->reads++;
    if (left) {
        const size_t some = left < (size_t)size ? left : (size_t)size;

        memcpy(bytes, state->early + state->start, some);
        state->start += some;
        return (int)some;
    }
    if (!state->end->readable) {
        BIO_set_retry_read(bio);
        return -1;
    }
    do
        got = recv(state->end->fd, bytes, (size_t)size, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) {
        state->end->readable = false;
        BIO_set_retry_read(bio);
    }
    if (got == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)got;
}

static int write_some(BIO *bio, const char *bytes, int length)
{
    struct state *state = BIO_get_data(bio);
    ssize_t sent;

    BIO_clear_retry_flags(bio);
    if (!state->end->writable) {
        BIO_set_retry_write(bio);
        return -1;
    }
    do
        sent = send(state->end->fd, bytes, (size_t)length, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno == EAGAIN) {
        state->end->writable = false;
        BIO_set_retry_write(bio);
    }
    return (int)sent;
}

void hf_socket_begin(BIO *bio)
{
    struct state *state = BIO_get_data(bio);

    state->reads = 0;
}

bool hf_socket_is_paused(BIO *bio)
{
    const struct state *state = BIO_get_data(bio);

    return state->reads == READS_MAX;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    (void)number, (void)pointer;
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

static int destroy(BIO *bio)
{
    free(BIO_get_data(bio));
    BIO_set_data(bio, NULL);
    return 1;
}

BIO_METHOD *hf_socket_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "a socket of the proxy's");

    if (method && BIO_meth_set_read(method, read_some) && BIO_meth_set_write(method, write_some) &&
        BIO_meth_set_ctrl(method, control) && BIO_meth_set_destroy(method, destroy))
        return method;
    BIO_meth_free(method);
    return NULL;
}

BIO *hf_socket_new(BIO_METHOD *method, struct hf_end *end, const char *early, size_t length)
{
    struct state *state = malloc(sizeof(*state) + length);
    BIO *bio = state ? BIO_new(method) : NULL;

    if (!bio) {
        free(state);
        return NULL;
    }
    *state = (struct state){.end = end, .length = length};
    if (length)
        memcpy(state->early, early, length);
    BIO_set_data(bio, state);
    BIO_set_init(bio, 1);
    return bio;
}
