/* Law 4's check before fork: can the command be executed under the plan at all? */
#ifndef HF_ENFORCE_REACH_H
#define HF_ENFORCE_REACH_H

#include "enforce/prepare.h"

/* Looks at `command` (a path as execve(2) will get it), each script's interpreter on the way, the ELF loader, and the
 * libraries that DT_NEEDED names along the loader's search, and asks of each whether a rule of *prepared grants it. True
 * when all are reachable, or when it cannot be told (a file that cannot be read by the caller). False with
 * HF_EXEC_UNREACHABLE and every missing path in error->object otherwise. Only explains early what the kernel would
 * refuse: it enforces nothing. */
bool hf_reach_check(const char *command, const struct hf_prepared *prepared, struct hf_error *error);

#endif
