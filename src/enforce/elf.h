/* What an ELF file needs in order to be executed: its loader and its libraries (elf(5)). */
#ifndef HF_ENFORCE_ELF_H
#define HF_ENFORCE_ELF_H

#include <stdbool.h>
#include <stddef.h>

/* Freed together by hf_elf_free. */
struct hf_elf {
    char *interpreter; /* PT_INTERP, or NULL */
    char *rpath;       /* DT_RPATH, NULL where there is a DT_RUNPATH, since the loader then passes it over */
    char *runpath;     /* DT_RUNPATH, or NULL */
    char *soname;      /* DT_SONAME, or NULL */
    char **needed;     /* DT_NEEDED */
    size_t needed_count;
};

/* Reads an ELF file of this machine; of a 32-bit one the interpreter alone. False where `path` is none, or cannot be read,
 * or contradicts itself. */
bool hf_elf_read(const char *path, struct hf_elf *elf);
void hf_elf_free(struct hf_elf *elf);

#endif
