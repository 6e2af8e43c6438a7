/* What an ELF file needs in order to be executed: its loader and its libraries (elf(5)). */
#ifndef HF_ENFORCE_ELF_H
#define HF_ENFORCE_ELF_H

#include <stdbool.h>
#include <stddef.h>

/* The strings point into the mapping; freed together by hf_elf_free. */
struct hf_elf {
    const char *interpreter; /* PT_INTERP, or NULL */
    const char *search;      /* DT_RUNPATH, else DT_RPATH, or NULL */
    const char **needed;     /* DT_NEEDED */
    size_t needed_count;
    void *map;
    size_t size;
};

/* Reads a 64-bit little-endian ELF file. False where `path` is none, or cannot be read, or contradicts itself. */
bool hf_elf_read(const char *path, struct hf_elf *elf);
void hf_elf_free(struct hf_elf *elf);

#endif
