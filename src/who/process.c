/* By /proc, whose links of a process may be read by who could trace it (proc(5), ptrace(2), PTRACE_MODE_READ_FSCREDS).
 * The proxy has no capability, and may: where root started the sandbox it is of the command's own user, in the same
 * user namespace, and the command has no capability that it has not; where an ordinary user did, it has the user id of
 * the owner of the sandbox's user namespace and stands in the parent of that, which is every capability inside
 * (capabilities(7), user_namespaces(7)). What is left out are processes that are not dumpable (prctl(2)): of them
 * nothing can be told, and so nobody is let through while there is one.
 *
 * A thread can have descriptors of its own (unshare(2), CLONE_FILES), and a process whose first thread has ended has
 * them in the others alone: so each thread is looked at. */
#include "who/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define INIT 1
#define ENTRIES 32768
#define ENTRY_LEAST 24 /* bytes of a directory entry */

struct numbers {
    int *items;
    size_t count;
};

static void free_numbers(struct numbers *numbers)
{
    free(numbers->items);
}

/* The entries of a folder whose names are numbers. False with errno. */
static bool list(int folder, struct numbers *numbers)
{
    char entries[ENTRIES] __attribute__((aligned(8)));
    ssize_t got;

    if (lseek(folder, 0, SEEK_SET) < 0)
        return false;
    while ((got = getdents64(folder, entries, sizeof(entries))) > 0) {
        int *grown = reallocarray(numbers->items, numbers->count + (size_t)got / ENTRY_LEAST, sizeof(*grown));

        if (!grown)
            return false;
        numbers->items = grown;
        for (ssize_t at = 0; at < got;) {
            const struct dirent64 *entry = (const struct dirent64 *)(void *)(entries + at);

            at += entry->d_reclen;
            if (isdigit((unsigned char)entry->d_name[0]))
                grown[numbers->count++] = atoi(entry->d_name);
        }
    }
    return got == 0;
}

static char *program_of(int folder)
{
    char path[HF_PROGRAM_MAX];
    const ssize_t length = readlinkat(folder, "exe", path, sizeof(path));

    return length <= 0 || length == (ssize_t)sizeof(path) ? NULL : strndup(path, (size_t)length);
}

/* False with errno where it has ended, among other things. */
static bool open_process(int proc, int pid, struct hf_process *process)
{
    char name[16];

    snprintf(name, sizeof(name), "%d", pid);
    *process = (struct hf_process){.pid = pid, .parent = -1};
    process->folder = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (process->folder < 0)
        return false;
    process->program = program_of(process->folder);
    return true;
}

bool hf_processes_read(int proc, struct hf_processes *processes)
{
    __attribute__((cleanup(free_numbers))) struct numbers pids = {0};

    *processes = (struct hf_processes){0};
    if (!list(proc, &pids))
        return false;
    processes->items = calloc(pids.count + 1, sizeof(*processes->items));
    if (!processes->items)
        return false;
    for (size_t i = 0; i < pids.count; i++) {
        if (pids.items[i] == INIT)
            continue;
        if (open_process(proc, pids.items[i], &processes->items[processes->count]))
            processes->count++;
        else if (errno != ENOENT && errno != ESRCH)
            return false;
    }
    return true;
}

void hf_processes_free(struct hf_processes *processes)
{
    for (size_t i = 0; i < processes->count; i++) {
        close(processes->items[i].folder);
        free(processes->items[i].program);
    }
    free(processes->items);
    *processes = (struct hf_processes){0};
}

/* The state and the parent's number stand behind the name, which may have brackets and spaces in it (proc_pid_stat(5)).
 * */
static bool read_stat(int folder, const char *file, char *state, int *parent)
{
    hf_autoclose int fd = openat(folder, file, O_RDONLY | O_CLOEXEC);
    char text[512];
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    const char *behind;

    if (length <= 0)
        return false;
    text[length] = '\0';
    behind = strrchr(text, ')');
    return behind && sscanf(behind, ") %c %d", state, parent) == 2;
}

struct hf_process *hf_process_parent(const struct hf_processes *processes, struct hf_process *process)
{
    char state;

    if (process->parent < 0 && !read_stat(process->folder, "stat", &state, &process->parent))
        process->parent = 0;
    for (size_t i = 0; i < processes->count; i++)
        if (processes->items[i].pid == process->parent)
            return &processes->items[i];
    return NULL;
}

static bool is_link(int folder, int fd, const char *wanted)
{
    char name[16], link[40];
    ssize_t length;

    snprintf(name, sizeof(name), "%d", fd);
    length = readlinkat(folder, name, link, sizeof(link));
    return length == (ssize_t)strlen(wanted) && memcmp(link, wanted, (size_t)length) == 0;
}

/* False with errno. A socket that has just been made stands behind others, most often behind the one before it. */
static bool look_in(int folder, const char *wanted, int *likely, bool *is_there)
{
    __attribute__((cleanup(free_numbers))) struct numbers fds = {0};
    int at = likely ? *likely + 1 : 0;

    *is_there = likely && is_link(folder, at, wanted);
    if (!*is_there && !list(folder, &fds))
        return false;
    for (size_t i = fds.count; i-- > 0 && !*is_there;) {
        errno = 0;
        *is_there = is_link(folder, fds.items[i], wanted);
        if (errno && errno != ENOENT)
            return false;
        at = fds.items[i];
    }
    if (*is_there && likely)
        *likely = at;
    return true;
}

/* What has ended has no descriptors, and its folder can be read by root alone. That nothing could be read for want of
 * something of our own, a descriptor say, is no sign of an end. */
static bool has_ended(int threads, const char *thread)
{
    char file[40], state;
    int parent;

    snprintf(file, sizeof(file), "%s/stat", thread);
    errno = 0;
    if (read_stat(threads, file, &state, &parent))
        return state == 'Z' || state == 'X';
    return errno == ENOENT || errno == ESRCH;
}

static void look_at(int threads, const char *thread, const char *wanted, int *likely, struct hf_process *process)
{
    char name[40];
    hf_autoclose int folder = -1;
    bool is_there = false;

    snprintf(name, sizeof(name), "%s/fd", thread);
    folder = openat(threads, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if ((folder < 0 || !look_in(folder, wanted, likely, &is_there)) && !has_ended(threads, thread))
        process->owns = HF_OWNS_UNREADABLE;
    if (is_there)
        process->owns = HF_OWNS;
}

void hf_process_look(struct hf_process *process, uint64_t inode, int *likely)
{
    __attribute__((cleanup(free_numbers))) struct numbers threads = {0};
    hf_autoclose int folder = -1;
    struct stat task;
    char wanted[40], thread[16];

    if (process->owns != HF_OWNS_UNKNOWN)
        return;
    snprintf(wanted, sizeof(wanted), "socket:[%" PRIu64 "]", inode);
    /* "task" has a link for each thread beside the two of any folder. */
    if (fstatat(process->folder, "task", &task, 0) == 0 && task.st_nlink == 3) {
        look_at(process->folder, ".", wanted, likely, process);
        process->owns = process->owns == HF_OWNS_UNKNOWN ? HF_OWNS_NOT : process->owns;
        return;
    }
    folder = openat(process->folder, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if ((folder < 0 || !list(folder, &threads)) && errno != ENOENT && errno != ESRCH) {
        process->owns = HF_OWNS_UNREADABLE;
        return;
    }
    for (size_t i = 0; i < threads.count && process->owns == HF_OWNS_UNKNOWN; i++) {
        snprintf(thread, sizeof(thread), "%d", threads.items[i]);
        look_at(folder, thread, wanted, likely, process);
    }
    if (process->owns == HF_OWNS_UNKNOWN)
        process->owns = HF_OWNS_NOT;
}
