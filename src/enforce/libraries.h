/* The libraries of a program, as ld.so(8) will look for them. */
#ifndef HF_ENFORCE_LIBRARIES_H
#define HF_ENFORCE_LIBRARIES_H

#include "enforce/elf.h"
#include "enforce/prepare.h"

/* Told of a file that is there, that the loader needs, and that no rule grants. */
typedef void hf_library_sink(void *context, const char *path, const char *what);

/* Follows DT_NEEDED from `program` on, whose `elf` stays the caller's, breadth first as the loader does. What is in no place that is searched cannot be
 * told; what is in several is denied only if all of them are. */
void hf_libraries_follow(const char *program, const struct hf_elf *elf, const struct hf_prepared *prepared,
                         hf_library_sink *denied, void *context);

#endif
