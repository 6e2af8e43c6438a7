/* The result lines of cells: gathered in memory, written as one piece, for a write to a guest's serial port costs. */
#ifndef HF_VM_CELL_RESULT_H
#define HF_VM_CELL_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result_ring.h"

/* How much of a stream or file is sent. */
#define OUTPUT_MAX 65536

/* Where result lines go: a descriptor, or the memory that a guest shares with its host. And the kernel's log, where the
 * kernel is the cells' own. */
struct result_sink {
    int fd; /* counts when there is no ring */
    struct result_ring *ring;
    int kernel_log; /* -1: the kernel is not listened to */
};

struct results {
    struct result_sink sink;
    FILE *out;
    char *text; /* what out gathers */
    size_t length;
};

/* How a cell ended. */
struct ended {
    const char *failed; /* the step of setting up that failed, or NULL */
    int errnum;         /* and why */
    bool timed_out;
    int status; /* as wait(2) tells it */
};

/* False, with a message on stderr. */
bool results_open(struct results *results, struct result_sink sink);
void results_close(struct results *results);

/* Writes what was gathered. False, with a message on stderr. */
bool results_flush(struct results *results);

void results_guest(struct results *results);
void results_begin(struct results *results, const char *id);
void results_data(struct results *results, const char *id, const char *name, const char *bytes, size_t length,
                  bool cut);
/* A file's content as data; nothing where there is no regular file. The buffer is scratch space. */
void results_file(struct results *results, const char *id, const char *path, char buffer[OUTPUT_MAX]);
/* What the kernel said since the last time, while this cell ran or (NULL) none did; nothing where it was silent. The
 * buffer is scratch space. */
void results_kernel_log(struct results *results, const char *id, char buffer[OUTPUT_MAX]);
void results_end(struct results *results, const char *id, const struct ended *ended, long ms);

#endif
