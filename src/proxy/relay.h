/* Bytes from one socket to another, never more held than one buffer, never held up. The place where splice would go. */
#ifndef HF_PROXY_RELAY_H
#define HF_PROXY_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/body.h"

/* A non-blocking socket and what an edge-triggered epoll last said of it. */
struct hf_end {
    int fd;
    bool readable;
    bool writable;
};

/* One direction of a tunnel. What was read and could not be written yet is in `held`, which is NULL when there is none:
 * an idle tunnel costs no buffer. */
struct hf_way {
    char *held;
    size_t start;
    size_t end;
    uint64_t bytes; /* read so far */
    bool ended;     /* the source has ended; */
    bool done;      /* and the destination has been told */
    struct hf_body *body; /* the end of what is passed on: the rest is thrown away; NULL: all of it is */
};

enum hf_relay { HF_RELAY_WAIT, HF_RELAY_MORE, HF_RELAY_DONE, HF_RELAY_BROKEN };

#define HF_RELAY_BUFFER 65536

/* Moves what can be moved without waiting. WAIT: until an end becomes ready. MORE: there is more to do, but others have
 * waited long enough. DONE: the end of the source has been passed on (half-close). BROKEN: with errno. `scratch` has
 * HF_RELAY_BUFFER bytes. */
enum hf_relay hf_relay_pump(struct hf_end *from, struct hf_end *to, struct hf_way *way, char *scratch);

/* Puts bytes of our own in front of what will be read. False when there is no memory. Only before anything is held. */
bool hf_way_hold(struct hf_way *way, const char *bytes, size_t length);

void hf_way_free(struct hf_way *way);

#endif
