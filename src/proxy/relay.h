/* Bytes from one socket to another: never copied where nobody looks at them, never more held than one pipe or buffer, never
 * held up. */
#ifndef HF_PROXY_RELAY_H
#define HF_PROXY_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/body.h"
#include "proxy/pipe.h"

/* A non-blocking socket and what an edge-triggered epoll last said of it. */
struct hf_end {
    int fd;
    bool readable;
    bool writable;
    bool ended;  /* its peer has sent its end, or a reset: nothing comes that epoll would tell of */
    bool broken; /* and nothing can be sent either */
};

/* One direction of a tunnel. What was read and could not be written yet is in `held`, which is NULL when there is none, and
 * behind it in `pipe`, which is one while `piped` is not 0: an idle tunnel costs neither. */
struct hf_way {
    char *held;
    size_t start;
    size_t end;
    struct hf_pipe pipe;
    size_t piped;
    uint64_t bytes; /* read so far */
    bool ended;     /* the source has ended; */
    bool done;      /* and the destination has been told */
    struct hf_body *body; /* the end of what is passed on: the rest is thrown away; NULL: all of it is */
    bool ends_with_body;  /* and the destination is told that nothing more comes */
};

enum hf_relay { HF_RELAY_WAIT, HF_RELAY_MORE, HF_RELAY_DONE, HF_RELAY_BROKEN };

#define HF_RELAY_BUFFER 65536

/* Moves what can be moved without waiting. WAIT: until an end becomes ready. MORE: there is more to do, but others have
 * waited long enough. DONE: the end of the source has been passed on (half-close). BROKEN: with errno. `scratch` has
 * HF_RELAY_BUFFER bytes. SIGPIPE must be ignored: splice(2) has no MSG_NOSIGNAL. */
enum hf_relay hf_relay_pump(struct hf_end *from, struct hf_end *to, struct hf_way *way, struct hf_pipes *pipes,
                            char *scratch);

/* Puts bytes of our own in front of what will be read. False when there is no memory. Only before anything is held. */
bool hf_way_hold(struct hf_way *way, const char *bytes, size_t length);

void hf_way_free(struct hf_way *way, struct hf_pipes *pipes);

#endif
