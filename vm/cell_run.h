/* Running the cells of a list and writing a line for everything that happens, which is what the matrix reads. */
#ifndef HF_VM_CELL_RUN_H
#define HF_VM_CELL_RUN_H

#include <stdbool.h>

#include "cell_result.h"
#include "cells.h"

/* Runs them all. The world is prepared already: loopback up, CELL_DIRECTORY there. `own_world`: /tmp and /dev/shm are
 * private to the cells and are emptied after each. A cell that fills what the next would need is the last one. False,
 * with a message on stderr, when the outside cannot be opened or a result not be written. */
bool cells_run(const struct cell_list *list, struct result_sink results, bool own_world);

#endif
