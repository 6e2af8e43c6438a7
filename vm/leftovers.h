/* What a cell or a command under a ceiling leaves behind. */
#ifndef HF_VM_LEFTOVERS_H
#define HF_VM_LEFTOVERS_H

#include <stdbool.h>

/* Makes the calling process the one to which orphaned descendants fall (PR_SET_CHILD_SUBREAPER). */
bool hf_leftovers_adopt(void);

/* Kills and reaps every child of the calling process, and theirs as they fall to it, until there is none. */
void hf_leftovers_kill(void);

#endif
