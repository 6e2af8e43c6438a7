/* What the world of the cells has in a guest and in the host lane alike. Every function says on stderr what failed. */
#ifndef HF_VM_WORLD_H
#define HF_VM_WORLD_H

#include <stdbool.h>

#include "cells.h"

#define WORLD_INTERFACE "outer"
#define WORLD_ADDRESS "192.0.2.1"
#define WORLD_METADATA "169.254.169.254" /* where clouds have a machine's own secrets */

bool world_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data);

/* Fresh tmpfs on /tmp, /run, /mnt and (where it is) /dev/shm, with the cells' directory in it, all together smaller than
 * a guest's memory; loopback up, under a name and with an address that no namespace of a sandbox has; process ids that
 * no small PID namespace reaches, so that the outside's process cannot be mistaken for one in a sandbox. */
bool world_prepare(void);

/* Writes a line into a file of /proc/sys; false, in silence, where the kernel has it not or refuses. */
bool world_sysctl(const char *path, const char *value);

#define WORLD_DISCS 4

/* What is free in memory's file systems that one cell leaves to the next. */
struct world_room {
    unsigned long long free[WORLD_DISCS]; /* 0: a disc, or not there */
};

struct world_room world_room(void);

/* The first of them of whose room less than half is left; NULL when there is none. */
const char *world_filled(const struct world_room *before);

/* Reads and parses the cell list. */
bool world_read_cells(const char *path, struct cell_list *list);

#endif
