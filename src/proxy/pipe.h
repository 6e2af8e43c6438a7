/* Pipes for splice(2): what goes from one socket to another through one is never copied. A way has one only while it holds
 * something, and an empty one is kept for whoever needs the next. */
#ifndef HF_PROXY_PIPE_H
#define HF_PROXY_PIPE_H

#include <stdbool.h>

/* What one pipe takes at most, in bytes. */
#define HF_PIPE_BYTES (1 << 20)

struct hf_pipe {
    int out; /* to be read; -1: there is no pipe */
    int in;
};

struct hf_pipes {
    struct hf_pipe spare; /* empty */
    unsigned taken;       /* with the spare one */
    unsigned most;        /* so that they leave the descriptors to connections */
};

void hf_pipes_begin(struct hf_pipes *pipes, unsigned most);
void hf_pipes_end(struct hf_pipes *pipes);

/* An empty pipe. False where there is none to be had. */
bool hf_pipes_take(struct hf_pipes *pipes, struct hf_pipe *pipe);

/* Takes it back; one that is not empty is closed. */
void hf_pipes_give(struct hf_pipes *pipes, struct hf_pipe *pipe, bool is_empty);

#endif
