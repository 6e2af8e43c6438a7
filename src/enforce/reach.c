/* Law 4's check: walks what execve(2) and ld.so(8) will open, and asks each against the opened rules. */
#include "enforce/reach.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "enforce/elf.h"

/* execve(2) opens for reading as well, and Landlock asks for both (security/landlock/fs.c). */
#define EXECUTED (HF_FS_EXECUTE | HF_FS_READ_FILE)

/* execve(2), "Interpreter scripts": so many scripts may be each other's interpreters. */
#define SCRIPT_DEPTH 5

/* Libraries of libraries are followed up to this many, which no program met so far comes near. */
#define LIBRARY_LIMIT 256

struct walk {
    const struct hf_prepared *prepared;
    struct hf_error *error;
    bool missing;
    char *libraries[LIBRARY_LIMIT]; /* seen, by path */
    size_t library_count;
};

static uint64_t granted_at(const struct hf_prepared *prepared, const char *path)
{
    struct stat status;
    uint64_t access = 0;

    if (stat(path, &status) < 0)
        return 0;
    for (size_t i = 0; i < prepared->opened_count; i++)
        if (prepared->opened[i].dev == status.st_dev && prepared->opened[i].ino == status.st_ino)
            access |= prepared->opened[i].access;
    return access;
}

/* What the rules grant on a file: the union over it and all directories above it. `real` is cut short on the way. */
static uint64_t granted_below_root(const struct hf_prepared *prepared, char *real)
{
    uint64_t access = 0;

    for (char *end = real + strlen(real); end > real; end = strrchr(real, '/')) {
        *end = '\0';
        access |= granted_at(prepared, real);
    }
    return access | granted_at(prepared, "/");
}

/* The rules are asked where the links lead, since that is what the kernel opens. */
static uint64_t granted(const struct hf_prepared *prepared, const char *path)
{
    hf_autofree char *real = realpath(path, NULL);

    return real ? granted_below_root(prepared, real) : 0;
}

static void note_missing(struct walk *walk, const char *path, const char *what)
{
    struct hf_error *error = walk->error;
    const size_t used = walk->missing ? strlen(error->object) : 0;
    hf_autofree char *real = realpath(path, NULL);
    const bool leads_elsewhere = real && strcmp(real, path) != 0;

    if (!walk->missing)
        hf_fail(error, HF_EXEC_UNREACHABLE, HF_STAGE_REACH, 0, "%s", "");
    walk->missing = true;
    snprintf(error->object + used, sizeof(error->object) - used, "%s%s (%s%s%s)", used ? ", " : "",
             leads_elsewhere ? real : path, what, leads_elsewhere ? " by way of " : "", leads_elsewhere ? path : "");
}

/* True when the file is there and may be executed or read as asked; notes it when it is there and may not. */
static void need(struct walk *walk, const char *path, uint64_t access, const char *what)
{
    if (faccessat(AT_FDCWD, path, F_OK, 0) == 0 && (granted(walk->prepared, path) & access) != access)
        note_missing(walk, path, what);
}

static void follow_libraries(struct walk *walk, const char *object);

static bool seen(struct walk *walk, const char *path)
{
    for (size_t i = 0; i < walk->library_count; i++)
        if (strcmp(walk->libraries[i], path) == 0)
            return true;
    if (walk->library_count == LIBRARY_LIMIT)
        return true;
    walk->libraries[walk->library_count] = strdup(path);
    if (walk->libraries[walk->library_count])
        walk->library_count++;
    return false;
}

/* One directory of a search list, $ORIGIN put in, and the name behind it. The caller frees it; NULL: no memory. */
static char *candidate(const char *directory, size_t length, const char *object, const char *name)
{
    static const char *const origins[] = {"$ORIGIN", "${ORIGIN}"};
    const char *slash = strrchr(object, '/');
    char *path = NULL;

    for (size_t i = 0; i < 2; i++) {
        const size_t word = strlen(origins[i]);

        if (length >= word && strncmp(directory, origins[i], word) == 0)
            return asprintf(&path, "%.*s%.*s/%s", (int)(slash ? slash - object : 0), object, (int)(length - word),
                            directory + word, name) < 0
                       ? NULL
                       : path;
    }
    return asprintf(&path, "%.*s/%s", (int)length, directory, name) < 0 ? NULL : path;
}

/* Looks for a library along one list: 1 found and granted, 0 not there; a file that is there and not granted is passed
 * over, as the loader does, and remembered in *denied for the case that no other is found. */
static bool search(struct walk *walk, const char *list, const char *object, const char *name, char **denied)
{
    while (list && *list) {
        const size_t length = strcspn(list, ":");
        hf_autofree char *path = length ? candidate(list, length, object, name) : NULL;

        if (path && access(path, F_OK) == 0) {
            if (granted(walk->prepared, path) & HF_FS_READ_FILE) {
                if (!seen(walk, path))
                    follow_libraries(walk, path);
                return true;
            }
            if (!*denied)
                *denied = hf_steal(path, NULL);
        }
        list += length + (list[length] == ':');
    }
    return false;
}

/* The loader's defaults and what the distributions' ld.so.conf adds; a library that is in none of them cannot be told. */
static const char default_directories[] = "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib64:/usr/lib64:/lib:/usr/lib:"
                                          "/usr/local/lib/x86_64-linux-gnu:/usr/local/lib";

static void need_library(struct walk *walk, const struct hf_elf *elf, const char *object, const char *name)
{
    hf_autofree char *denied = NULL;

    if (strchr(name, '/'))
        need(walk, name, HF_FS_READ_FILE, "a library");
    else if (!search(walk, elf->search, object, name, &denied) &&
             !search(walk, getenv("LD_LIBRARY_PATH"), object, name, &denied) &&
             !search(walk, default_directories, object, name, &denied) && denied && !seen(walk, denied))
        note_missing(walk, denied, "a library");
}

static void follow_libraries(struct walk *walk, const char *object)
{
    struct hf_elf elf;

    if (!hf_elf_read(object, &elf))
        return;
    for (size_t i = 0; i < elf.needed_count; i++)
        need_library(walk, &elf, object, elf.needed[i]);
    hf_elf_free(&elf);
}

/* The interpreter of a script's first line, in `line`; false where the file is no script. */
static bool script_interpreter(const char *path, char *line, size_t size)
{
    hf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t length = fd < 0 ? -1 : read(fd, line, size - 1);
    char *start;

    if (length < 3 || line[0] != '#' || line[1] != '!')
        return false;
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    start = line + 2 + strspn(line + 2, " \t");
    start[strcspn(start, " \t")] = '\0';
    memmove(line, start, strlen(start) + 1);
    return line[0];
}

static void need_program(struct walk *walk, const char *path)
{
    char line[256]; /* BINPRM_BUF_SIZE */
    struct hf_elf elf;

    need(walk, path, EXECUTED, "the command");
    for (int depth = 0; depth < SCRIPT_DEPTH && script_interpreter(path, line, sizeof(line)); depth++) {
        need(walk, line, EXECUTED, "a script's interpreter");
        path = line;
    }
    if (!hf_elf_read(path, &elf))
        return;
    if (elf.interpreter)
        need(walk, elf.interpreter, EXECUTED, "the ELF loader");
    hf_elf_free(&elf);
    follow_libraries(walk, path);
}

bool hf_reach_check(const char *command, const struct hf_prepared *prepared, struct hf_error *error)
{
    struct walk walk = {.prepared = prepared, .error = error};

    need_program(&walk, command);
    for (size_t i = 0; i < walk.library_count; i++)
        free(walk.libraries[i]);
    return !walk.missing;
}
