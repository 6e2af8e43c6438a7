/* Reading PT_INTERP and the dynamic section: the file is the user's, not ours, and nothing is taken for granted of it. It
 * is read and not mapped: a few short reads take a fifth of the time of a mapping and its page faults, at every start. */
#include "enforce/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The kernel's own limit for program headers (fs/binfmt_elf.c, load_elf_phdrs), taken for the dynamic section as well. */
#define TABLE_MOST 65536
#define STRING_LEAST 256
#define STRING_MOST (1024 * 1024)

/* `size` bytes at `offset`, or NULL where they are not wholly in the file. The caller frees it. */
static void *read_table(int fd, uint64_t offset, size_t size)
{
    void *table = size && size <= TABLE_MOST && offset <= INT64_MAX ? malloc(size) : NULL;

    if (table && pread(fd, table, size, (off_t)offset) != (ssize_t)size) {
        free(table);
        return NULL;
    }
    return table;
}

/* The caller frees it; NULL where there is none, or it has no end. */
static char *read_string(int fd, uint64_t offset)
{
    for (size_t size = STRING_LEAST; size <= STRING_MOST && offset <= INT64_MAX; size *= 16) {
        hf_autofree char *text = malloc(size);
        const ssize_t got = text ? pread(fd, text, size, (off_t)offset) : -1;

        if (got > 0 && memchr(text, '\0', (size_t)got))
            return hf_steal(text, NULL);
    }
    return NULL;
}

/* From an address of the loaded program to its place in the file; UINT64_MAX, which is in no file, where it has none. */
static uint64_t file_offset(const Elf64_Phdr *segment, size_t count, uint64_t address)
{
    for (size_t i = 0; i < count; i++)
        if (segment[i].p_type == PT_LOAD && address >= segment[i].p_vaddr &&
            address - segment[i].p_vaddr < segment[i].p_filesz)
            return address - segment[i].p_vaddr + segment[i].p_offset;
    return UINT64_MAX;
}

static void take(char **string, int fd, uint64_t offset)
{
    free(*string);
    *string = read_string(fd, offset);
}

static void read_entry(struct hf_elf *elf, int fd, const Elf64_Dyn *entry, uint64_t strings)
{
    const uint64_t offset = strings + entry->d_un.d_val;

    switch (entry->d_tag) {
    case DT_NEEDED:
        elf->needed[elf->needed_count] = read_string(fd, offset);
        elf->needed_count += elf->needed[elf->needed_count] != NULL;
        break;
    case DT_RUNPATH:
        take(&elf->runpath, fd, offset);
        break;
    case DT_RPATH:
        take(&elf->rpath, fd, offset);
        break;
    case DT_SONAME:
        take(&elf->soname, fd, offset);
        break;
    }
}

static bool read_dynamic(struct hf_elf *elf, int fd, const Elf64_Phdr *segment, size_t segment_count,
                         const Elf64_Phdr *place)
{
    hf_autofree Elf64_Dyn *entries = read_table(fd, place->p_offset, place->p_filesz);
    uint64_t strings = UINT64_MAX;
    size_t count = 0;

    if (!entries)
        return true;
    for (; count < place->p_filesz / sizeof(*entries) && entries[count].d_tag != DT_NULL; count++)
        if (entries[count].d_tag == DT_STRTAB)
            strings = file_offset(segment, segment_count, entries[count].d_un.d_ptr);
    if (strings == UINT64_MAX || elf->needed)
        return true;
    elf->needed = calloc(count + 1, sizeof(*elf->needed));
    for (size_t i = 0; elf->needed && i < count; i++)
        read_entry(elf, fd, &entries[i], strings);
    if (elf->runpath) {
        free(elf->rpath);
        elf->rpath = NULL;
    }
    return elf->needed;
}

static bool read_segments(struct hf_elf *elf, int fd, const Elf64_Ehdr *header)
{
    const size_t count = header->e_phnum;
    hf_autofree Elf64_Phdr *segment = read_table(fd, header->e_phoff, count * sizeof(*segment));

    if (!segment || header->e_machine != EM_X86_64 || header->e_phentsize != sizeof(*segment))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (segment[i].p_type == PT_INTERP)
            take(&elf->interpreter, fd, segment[i].p_offset);
        if (segment[i].p_type == PT_DYNAMIC && !read_dynamic(elf, fd, segment, count, &segment[i]))
            return false;
    }
    return true;
}

/* A program that the kernel runs in its compatibility mode. */
static bool read_segments_32(struct hf_elf *elf, int fd, const Elf32_Ehdr *header)
{
    hf_autofree Elf32_Phdr *segment = read_table(fd, header->e_phoff, header->e_phnum * sizeof(*segment));

    if (!segment || header->e_machine != EM_386 || header->e_phentsize != sizeof(*segment))
        return false;
    for (size_t i = 0; i < header->e_phnum; i++)
        if (segment[i].p_type == PT_INTERP)
            take(&elf->interpreter, fd, segment[i].p_offset);
    return true;
}

static bool read_file(struct hf_elf *elf, int fd)
{
    union {
        unsigned char ident[EI_NIDENT];
        Elf64_Ehdr wide;
        Elf32_Ehdr narrow;
    } header;
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
        pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) ||
        memcmp(header.ident, ELFMAG, SELFMAG) != 0 || header.ident[EI_DATA] != ELFDATA2LSB)
        return false;
    return header.ident[EI_CLASS] == ELFCLASS64
               ? read_segments(elf, fd, &header.wide)
               : header.ident[EI_CLASS] == ELFCLASS32 && read_segments_32(elf, fd, &header.narrow);
}

bool hf_elf_read(const char *path, struct hf_elf *elf)
{
    hf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    *elf = (struct hf_elf){0};
    if (read_file(elf, fd))
        return true;
    hf_elf_free(elf);
    return false;
}

void hf_elf_free(struct hf_elf *elf)
{
    for (size_t i = 0; i < elf->needed_count; i++)
        free(elf->needed[i]);
    free(elf->needed);
    free(elf->interpreter);
    free(elf->rpath);
    free(elf->runpath);
    free(elf->soname);
    *elf = (struct hf_elf){0};
}
