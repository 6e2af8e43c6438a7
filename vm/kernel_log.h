/* What the kernel said while a cell ran. Read by PID 1 and told with the cell's results, so that a warning has a cell;
 * what comes after the last word of a guest that dies is on its console alone. */
#ifndef HF_VM_KERNEL_LOG_H
#define HF_VM_KERNEL_LOG_H

#include <stddef.h>

/* The log from its beginning; -1 where it cannot be had. */
int kernel_log_open(void);

/* What came since the last call, a line a message: warnings and worse, the kernel's own only. Returns its length. */
size_t kernel_log_take(int fd, char *text, size_t room);

#endif
