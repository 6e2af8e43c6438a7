/* Can the command be executed by the rules (law 4)? The files that the kernel and the loader will open, each looked at once:
 * their headers, where their links lead, and which directory above them has a rule. For a program and its libraries in the
 * distribution's own directory; what it cannot tell it refuses. */
#include "floor.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#define LIBRARIES "/lib/x86_64-linux-gnu/"

struct object {
    char loader[256];
    char needed[8][256];
    size_t count;
};

static void must_cover(const char *path)
{
    char real[PATH_MAX];
    struct stat status;

    must(realpath(path, real));
    for (char *end = real + strlen(real); end > real; end = strrchr(real, '/')) {
        *end = '\0';
        if (stat(real, &status) == 0 && floor_has_rule(&status))
            return;
    }
    must(!"a rule covers it");
}

static void must_execute(const char *path)
{
    struct statvfs mounted;
    struct stat status;

    must(stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_mode & 0111);
    must(statvfs(path, &mounted) == 0 && !(mounted.f_flag & ST_NOEXEC));
    must_cover(path);
}

static off_t offset_of(const Elf64_Phdr *segments, size_t count, uint64_t address)
{
    for (size_t i = 0; i < count; i++)
        if (segments[i].p_type == PT_LOAD && address - segments[i].p_vaddr < segments[i].p_filesz)
            return (off_t)(address - segments[i].p_vaddr + segments[i].p_offset);
    return -1;
}

static void read_dynamic(int fd, const Elf64_Phdr *segments, size_t count, const Elf64_Phdr *at, struct object *object)
{
    Elf64_Dyn entries[64];
    const ssize_t got = pread(fd, entries, at->p_filesz < sizeof(entries) ? at->p_filesz : sizeof(entries), (off_t)at->p_offset);
    off_t strings = -1;

    for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(entries[0]); i++)
        if (entries[i].d_tag == DT_STRTAB)
            strings = offset_of(segments, count, entries[i].d_un.d_ptr);
    for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(entries[0]); i++)
        if (entries[i].d_tag == DT_NEEDED && object->count < 8)
            must(pread(fd, object->needed[object->count++], 255, strings + (off_t)entries[i].d_un.d_val) > 0);
}

static void read_object(const char *path, struct object *object)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    Elf64_Ehdr header;
    Elf64_Phdr segments[32];
    struct stat status;

    *object = (struct object){.count = 0};
    must(fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode));
    must(pread(fd, &header, sizeof(header), 0) == sizeof(header) && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0);
    must(header.e_phnum <= 32 && pread(fd, segments, header.e_phnum * sizeof(segments[0]), (off_t)header.e_phoff) > 0);
    for (size_t i = 0; i < header.e_phnum; i++) {
        if (segments[i].p_type == PT_INTERP)
            must(pread(fd, object->loader, sizeof(object->loader) - 1, (off_t)segments[i].p_offset) > 0);
        if (segments[i].p_type == PT_DYNAMIC)
            read_dynamic(fd, segments, header.e_phnum, &segments[i], object);
    }
    close(fd);
}

/* One that the caller has closed would be what is opened next. */
void floor_ask_streams(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        must(fcntl(fd, F_GETFD) >= 0);
}

/* The machine's own policy, the working directory, and whether the command is a script. */
void floor_ask_machine(const char *command)
{
    char directory[PATH_MAX], head[255];
    struct stat status;
    int fd;

    must(lstat("/etc/holdfast/policy.yaml", &status) < 0 && errno == ENOENT);
    must(getcwd(directory, sizeof(directory)) && stat(directory, &status) == 0 && chdir(directory) == 0);
    fd = open(command, O_RDONLY | O_CLOEXEC);
    must(fd >= 0 && read(fd, head, sizeof(head)) > 2 && memcmp(head, "#!", 2) != 0);
    close(fd);
}

/* May it make namespaces without one of users, and is there a terminal that the run must not keep? */
void floor_ask_caller(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    const int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

    if (terminal >= 0)
        close(terminal);
    must(syscall(SYS_capget, &header, sets) == 0);
}

void floor_look(const char *command)
{
    struct object program, library;
    char path[512];

    read_object(command, &program);
    must_execute(command);
    must_execute(program.loader);
    for (size_t i = 0; i < program.count; i++) {
        snprintf(path, sizeof(path), LIBRARIES "%s", program.needed[i]);
        read_object(path, &library);
        must_cover(path);
    }
}
