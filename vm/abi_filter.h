/* The seccomp filters of the ABI ceiling: which calls are refused at once, and which are asked about. */
#ifndef HF_VM_ABI_FILTER_H
#define HF_VM_ABI_FILTER_H

#include <stdbool.h>

#include "abi_level.h"

/* Every Landlock call of this process and its descendants fails with errnum. False with errno. */
bool abi_filter_refuse(int errnum);

/* The ceiling's filter. What registers tell is settled in it; the rest goes to the listener, which is returned, or -1
 * with errno (EBUSY: another listener is installed already, and a process tree has one only). */
int abi_filter_listen(const struct abi_level *level);

#endif
