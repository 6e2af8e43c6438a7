/* Reading PT_INTERP and the dynamic section, every offset checked: the file is the user's, not ours. */
#include "enforce/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/* `count` things of `size` bytes at `offset`, or NULL where they are not wholly in the file. */
static const void *at(const struct hf_elf *elf, size_t offset, size_t size, size_t count)
{
    if (offset > elf->size || (size && count > (elf->size - offset) / size))
        return NULL;
    return (const char *)elf->map + offset;
}

static const char *string_at(const struct hf_elf *elf, size_t offset)
{
    const char *text = at(elf, offset, 1, 1);

    return text && memchr(text, '\0', elf->size - offset) ? text : NULL;
}

static bool map_file(const char *path, struct hf_elf *elf)
{
    struct stat status;
    hf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size < (off_t)sizeof(Elf64_Ehdr))
        return false;
    elf->size = (size_t)status.st_size;
    elf->map = mmap(NULL, elf->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (elf->map == MAP_FAILED)
        elf->map = NULL;
    return elf->map;
}

static const Elf64_Phdr *segments(const struct hf_elf *elf, size_t *count)
{
    const Elf64_Ehdr *header = elf->map;

    if (header->e_machine != EM_X86_64 || header->e_phentsize != sizeof(Elf64_Phdr) ||
        header->e_phoff % _Alignof(Elf64_Phdr) != 0)
        return NULL;
    *count = header->e_phnum;
    return at(elf, header->e_phoff, sizeof(Elf64_Phdr), *count);
}

/* From an address of the loaded program to its place in the file; SIZE_MAX, which is in no file, where it has none. */
static size_t file_offset(const Elf64_Phdr *segment, size_t count, uint64_t address)
{
    for (size_t i = 0; i < count; i++)
        if (segment[i].p_type == PT_LOAD && address >= segment[i].p_vaddr &&
            address - segment[i].p_vaddr < segment[i].p_filesz)
            return address - segment[i].p_vaddr + segment[i].p_offset;
    return SIZE_MAX;
}

static bool read_dynamic(struct hf_elf *elf, const Elf64_Dyn *entry, size_t count, size_t strings)
{
    elf->needed = calloc(count + 1, sizeof(*elf->needed));
    if (!elf->needed)
        return false;
    for (size_t i = 0; i < count && entry[i].d_tag != DT_NULL; i++) {
        const char *text = string_at(elf, strings + entry[i].d_un.d_val);

        if (entry[i].d_tag == DT_NEEDED && text)
            elf->needed[elf->needed_count++] = text;
        else if (entry[i].d_tag == DT_RUNPATH)
            elf->runpath = text;
        else if (entry[i].d_tag == DT_RPATH)
            elf->rpath = text;
        else if (entry[i].d_tag == DT_SONAME)
            elf->soname = text;
    }
    if (elf->runpath)
        elf->rpath = NULL;
    return true;
}

static bool read_segments(struct hf_elf *elf)
{
    size_t count = 0;
    const Elf64_Phdr *segment = segments(elf, &count);

    for (size_t i = 0; segment && i < count; i++) {
        const size_t entries = segment[i].p_filesz / sizeof(Elf64_Dyn);
        const Elf64_Dyn *dynamic;
        size_t strings = SIZE_MAX;

        if (segment[i].p_type == PT_INTERP)
            elf->interpreter = string_at(elf, segment[i].p_offset);
        if (segment[i].p_type != PT_DYNAMIC || segment[i].p_offset % _Alignof(Elf64_Dyn) != 0)
            continue;
        dynamic = at(elf, segment[i].p_offset, sizeof(*dynamic), entries);
        for (size_t d = 0; dynamic && d < entries && dynamic[d].d_tag != DT_NULL; d++)
            if (dynamic[d].d_tag == DT_STRTAB)
                strings = file_offset(segment, count, dynamic[d].d_un.d_ptr);
        if (strings != SIZE_MAX && !read_dynamic(elf, dynamic, entries, strings))
            return false;
    }
    return segment;
}

/* A program that the kernel runs in its compatibility mode. */
static bool read_segments_32(struct hf_elf *elf)
{
    const Elf32_Ehdr *header = elf->map;
    const Elf32_Phdr *segment = header->e_phoff % _Alignof(Elf32_Phdr) == 0
                                    ? at(elf, header->e_phoff, sizeof(*segment), header->e_phnum)
                                    : NULL;

    if (header->e_machine != EM_386 || header->e_phentsize != sizeof(*segment))
        return false;
    for (size_t i = 0; segment && i < header->e_phnum; i++)
        if (segment[i].p_type == PT_INTERP)
            elf->interpreter = string_at(elf, segment[i].p_offset);
    return segment;
}

static bool read_class(struct hf_elf *elf)
{
    const unsigned char *ident = elf->map;

    if (memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != ELFDATA2LSB)
        return false;
    return ident[EI_CLASS] == ELFCLASS64 ? read_segments(elf)
                                         : ident[EI_CLASS] == ELFCLASS32 && read_segments_32(elf);
}

bool hf_elf_read(const char *path, struct hf_elf *elf)
{
    *elf = (struct hf_elf){0};
    if (map_file(path, elf) && read_class(elf))
        return true;
    hf_elf_free(elf);
    return false;
}

void hf_elf_free(struct hf_elf *elf)
{
    if (elf->map)
        munmap(elf->map, elf->size);
    free(elf->needed);
    *elf = (struct hf_elf){0};
}
