/* A cell's own directory and what is put into it. */
#ifndef HF_VM_CELL_SETUP_H
#define HF_VM_CELL_SETUP_H

#include "cells.h"

/* Mounts a fresh tmpfs on CELL_DIRECTORY, goes there, and makes what the cell lists. NULL; or the name of what failed,
 * with errno. */
const char *cell_set_up(const struct cell *cell);

/* Takes it away, whatever the cell did to it or mounted in it. */
void cell_tear_down(void);

/* Empties a directory that is shared by the cells, such as /tmp. What is mounted in it stays. */
void empty_directory(const char *path);

#endif
