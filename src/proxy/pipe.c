/* One is nearly always enough: what is spliced into it goes on at once, but where the receiver is slower than the sender. */
#include "proxy/pipe.h"

#include <fcntl.h>
#include <unistd.h>

static const struct hf_pipe none = {.out = -1, .in = -1};

void hf_pipes_begin(struct hf_pipes *pipes, unsigned most)
{
    *pipes = (struct hf_pipes){.spare = none, .most = most};
}

static void close_pipe(struct hf_pipes *pipes, struct hf_pipe *pipe)
{
    close(pipe->out);
    close(pipe->in);
    *pipe = none;
    pipes->taken--;
}

void hf_pipes_end(struct hf_pipes *pipes)
{
    if (pipes->spare.out >= 0)
        close_pipe(pipes, &pipes->spare);
}

/* A pipe of the default size does as well, if slower: there is a limit for those of one user together (pipe(7)). */
static bool make_pipe(struct hf_pipes *pipes, struct hf_pipe *pipe)
{
    int ends[2];

    if (pipes->taken == pipes->most || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return false;
    *pipe = (struct hf_pipe){.out = ends[0], .in = ends[1]};
    (void)fcntl(pipe->in, F_SETPIPE_SZ, HF_PIPE_BYTES);
    pipes->taken++;
    return true;
}

bool hf_pipes_take(struct hf_pipes *pipes, struct hf_pipe *pipe)
{
    if (pipes->spare.out < 0)
        return make_pipe(pipes, pipe);
    *pipe = pipes->spare;
    pipes->spare = none;
    return true;
}

void hf_pipes_give(struct hf_pipes *pipes, struct hf_pipe *pipe, bool is_empty)
{
    if (is_empty && pipes->spare.out < 0) {
        pipes->spare = *pipe;
        *pipe = none;
        return;
    }
    close_pipe(pipes, pipe);
}
