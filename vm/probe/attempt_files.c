/* Attempts on files that the policy does not list, or lists as read_only: other ways to a file than its name, other ways to
 * write than write(2). What one of these does to a file it takes back. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/landlock_abi.h"
#include "probe.h"

#define SWAPS 100 /* and as many attempts at least */

static int answer_of(long result)
{
    return result < 0 ? errno : 0;
}

static int read_byte(int fd)
{
    char byte;

    return fd < 0 ? errno : answer_of(read(fd, &byte, 1));
}

static int read_at(int directory, const char *path)
{
    hf_autoclose int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);

    return read_byte(fd);
}

/* The folder, and in *last the name in it. */
static char *folder_of(const char *path, const char **last)
{
    char *folder = strdup(path);
    char *const slash = folder ? strrchr(folder, '/') : NULL;

    if (!slash)
        _exit(EINVAL); /* in the attempt's own process */
    *slash = '\0';
    *last = path + (slash - folder) + 1;
    return folder;
}

static int open_again(const char *path, int first, const char *format, int flags)
{
    hf_autoclose int fd = open(path, first | O_CLOEXEC);
    char again[64];

    if (fd < 0)
        return -1;
    snprintf(again, sizeof(again), format, fd);
    return open(again, flags | O_CLOEXEC);
}

static int read_plain(char *const *arguments)
{
    return read_at(AT_FDCWD, arguments[0]);
}

static int read_by_path_descriptor(char *const *arguments)
{
    hf_autoclose int fd = open_again(arguments[0], O_PATH, "/proc/self/fd/%d", O_RDONLY);

    return read_byte(fd);
}

static int read_by_thread_descriptor(char *const *arguments)
{
    hf_autoclose int fd = open_again(arguments[0], O_PATH, "/proc/thread-self/fd/%d", O_RDONLY);

    return read_byte(fd);
}

static int read_by_openat2(char *const *arguments)
{
    const struct open_how how = {.flags = O_RDONLY | O_CLOEXEC};
    hf_autoclose int fd = (int)syscall(SYS_openat2, AT_FDCWD, arguments[0], &how, sizeof(how));

    return read_byte(fd);
}

static int read_by_folder(char *const *arguments)
{
    const char *last;
    hf_autofree char *folder = folder_of(arguments[0], &last);
    hf_autoclose int fd = open(folder, O_PATH | O_CLOEXEC);

    return fd < 0 ? errno : read_at(fd, last);
}

static int read_from_folder(char *const *arguments)
{
    const char *last;
    hf_autofree char *folder = folder_of(arguments[0], &last);

    return chdir(folder) < 0 ? errno : read_at(AT_FDCWD, last);
}

static int read_by_handle(char *const *arguments)
{
    struct {
        struct file_handle handle;
        unsigned char room[MAX_HANDLE_SZ];
    } named = {.handle.handle_bytes = MAX_HANDLE_SZ};
    hf_autoclose int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
    int mount;

    if (here < 0 || name_to_handle_at(AT_FDCWD, arguments[0], &named.handle, &mount, 0) < 0)
        return errno;
    fd = open_by_handle_at(here, &named.handle, O_RDONLY | O_CLOEXEC);
    return read_byte(fd);
}

static void *read_it(void *path)
{
    return (void *)(intptr_t)read_at(AT_FDCWD, path);
}

static int read_by_thread(char *const *arguments)
{
    pthread_t thread;
    void *result;
    const int errnum = pthread_create(&thread, NULL, read_it, arguments[0]);

    if (errnum || pthread_join(thread, &result) != 0)
        return errnum ? errnum : EINVAL;
    return (int)(intptr_t)result;
}

static int read_by_vfork(char *const *arguments)
{
    int status;
    const pid_t pid = vfork();

    if (pid == 0)
        _exit(read_at(AT_FDCWD, arguments[0]));
    return pid < 0 || waitpid(pid, &status, 0) < 0 ? errno : WEXITSTATUS(status);
}

/* A ruleset of one's own, which handles only what is not asked for here: it adds to what there is. */
static int read_by_own_ruleset(char *const *arguments)
{
    const struct {
        uint64_t handled_fs;
    } attribute = {HF_FS_MAKE_SOCK};
    hf_autoclose int fd = (int)syscall(HF_NR_LANDLOCK_CREATE_RULESET, &attribute, sizeof(attribute), 0U);

    if (fd >= 0)
        (void)syscall(HF_NR_LANDLOCK_RESTRICT_SELF, fd, 0U);
    return read_at(AT_FDCWD, arguments[0]);
}

struct swapping {
    const char *link, *harmless, *secret;
    atomic_uint count;
    atomic_bool over;
};

/* rename(2) puts one link in the place of the other without a moment in which there is none. */
static void *swap(void *data)
{
    struct swapping *swapping = data;
    const char *targets[] = {swapping->harmless, swapping->secret};
    char beside[PATH_MAX];

    snprintf(beside, sizeof(beside), "%s.beside", swapping->link);
    while (!atomic_load(&swapping->over)) {
        const unsigned count = atomic_fetch_add(&swapping->count, 1);

        /* In no regular turn, with which the other thread could be in step. */
        if (symlink(targets[(count * 2654435761U) >> 31], beside) < 0 || rename(beside, swapping->link) < 0)
            break;
        sched_yield(); /* on one processor they would take turns of thousands */
    }
    return NULL;
}

/* A link in the working directory that leads to an allowed file and to the secret one by turns. */
static int read_by_swapped_link(char *const *arguments)
{
    struct swapping swapping = {"swapped", "/proc/self/stat", arguments[0], 0, false};
    struct stat secret, seen;
    int said = EACCES;
    pthread_t thread;

    if (stat(arguments[0], &secret) < 0 || symlink(swapping.secret, swapping.link) < 0 ||
        pthread_create(&thread, NULL, swap, &swapping) != 0)
        return errno;
    for (int i = 0; (i < SWAPS || atomic_load(&swapping.count) < SWAPS) && said != 0; i++) {
        hf_autoclose int fd = open(swapping.link, O_RDONLY | O_CLOEXEC);

        if (fd >= 0 && fstat(fd, &seen) == 0 && seen.st_ino == secret.st_ino && seen.st_dev == secret.st_dev)
            said = read_byte(fd);
        sched_yield();
    }
    atomic_store(&swapping.over, true);
    pthread_join(thread, NULL);
    unlink(swapping.link);
    unlink("swapped.beside");
    return said;
}

static int read_by_symlink(char *const *arguments)
{
    int errnum;

    if (symlink(arguments[0], "leads-out") < 0)
        return errno;
    errnum = read_at(AT_FDCWD, "leads-out");
    unlink("leads-out");
    return errnum;
}

static int by_link(int from, const char *name, int flags)
{
    int errnum;

    if (linkat(from, name, AT_FDCWD, "linked", flags) < 0)
        return errno;
    errnum = read_at(AT_FDCWD, "linked");
    unlink("linked");
    return errnum;
}

static int read_by_link(char *const *arguments)
{
    return by_link(AT_FDCWD, arguments[0], 0);
}

static int read_by_link_of_descriptor(char *const *arguments)
{
    hf_autoclose int fd = open(arguments[0], O_PATH | O_CLOEXEC);

    return fd < 0 ? errno : by_link(fd, "", AT_EMPTY_PATH);
}

static int read_by_link_in_proc(char *const *arguments)
{
    hf_autoclose int fd = open(arguments[0], O_PATH | O_CLOEXEC);
    char path[64];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return fd < 0 ? errno : by_link(AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

static int read_by_rename(char *const *arguments)
{
    int errnum;

    if (rename(arguments[0], arguments[1]) < 0)
        return errno;
    errnum = read_at(AT_FDCWD, arguments[1]);
    return rename(arguments[1], arguments[0]) < 0 ? errno : errnum;
}

static int exchange(const char *one, const char *other)
{
    return answer_of(renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE));
}

static int read_by_exchange(char *const *arguments)
{
    int errnum = exchange(arguments[0], arguments[1]);

    if (errnum)
        return errnum;
    errnum = read_at(AT_FDCWD, arguments[1]);
    return exchange(arguments[0], arguments[1]) ? EIO : errnum;
}

/* The folder that FROM is in becomes TO. */
static int read_by_folder_rename(char *const *arguments)
{
    const char *last;
    hf_autofree char *folder = folder_of(arguments[0], &last);
    char path[PATH_MAX];
    int errnum;

    if (rename(folder, arguments[1]) < 0)
        return errno;
    snprintf(path, sizeof(path), "%s/%s", arguments[1], last);
    errnum = read_at(AT_FDCWD, path);
    return rename(arguments[1], folder) < 0 ? errno : errnum;
}

/* What is there stays: a byte is put behind it and taken away. */
static int write_by(int fd)
{
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return errno;
    if (pwrite(fd, "\n", 1, status.st_size) < 0)
        return errno;
    return answer_of(ftruncate(fd, status.st_size));
}

static int write_plain(char *const *arguments)
{
    hf_autoclose int fd = open(arguments[0], O_WRONLY | O_CLOEXEC);

    return write_by(fd);
}

static int write_by_appending(char *const *arguments)
{
    hf_autoclose int fd = open(arguments[0], O_RDWR | O_APPEND | O_CLOEXEC);

    return write_by(fd);
}

static int write_by_open_again(char *const *arguments)
{
    hf_autoclose int fd = open_again(arguments[0], O_RDONLY, "/proc/self/fd/%d", O_RDWR);

    return write_by(fd);
}

static int write_by_device_of_descriptor(char *const *arguments)
{
    hf_autoclose int fd = open_again(arguments[0], O_RDONLY, "/dev/fd/%d", O_RDWR);

    return write_by(fd);
}

static int write_by_map(char *const *arguments)
{
    hf_autoclose int fd = open_again(arguments[0], O_PATH, "/proc/self/fd/%d", O_RDWR);
    volatile char *map = fd < 0 ? MAP_FAILED : mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (map == MAP_FAILED)
        return errno;
    map[0] = map[0];
    return 0;
}

static int truncate_by_opening(char *const *arguments)
{
    struct stat status;
    hf_autoclose int fd = stat(arguments[0], &status) < 0 ? -1 : open(arguments[0], O_RDONLY | O_TRUNC | O_CLOEXEC);

    return fd < 0 ? errno : answer_of(truncate(arguments[0], status.st_size));
}

static int truncate_by_name(char *const *arguments)
{
    struct stat status;

    return stat(arguments[0], &status) < 0 ? errno : answer_of(truncate(arguments[0], status.st_size));
}

static int truncate_opened_again(char *const *arguments)
{
    struct stat status;
    hf_autoclose int fd = open_again(arguments[0], O_RDONLY, "/proc/self/fd/%d", O_WRONLY);

    return fd < 0 || fstat(fd, &status) < 0 ? errno : answer_of(ftruncate(fd, status.st_size));
}

static int punch_hole(char *const *arguments)
{
    hf_autoclose int fd = open_again(arguments[0], O_RDONLY, "/proc/self/fd/%d", O_RDWR);

    return fd < 0 ? errno : answer_of(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096));
}

static int copy_range(char *const *arguments)
{
    hf_autoclose int from = open(arguments[0], O_RDONLY | O_CLOEXEC);
    hf_autoclose int fd = open_again(arguments[0], O_PATH, "/proc/self/fd/%d", O_WRONLY);

    if (from < 0 || fd < 0)
        return errno;
    return answer_of(copy_file_range(from, &(off64_t){0}, fd, &(off64_t){0}, 0, 0));
}

/* Another file in its place, and back. */
static int replace(char *const *arguments)
{
    hf_autoclose int fd = open("beside", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    int errnum;

    if (fd < 0)
        return errno;
    errnum = exchange("beside", arguments[0]);
    if (errnum == 0)
        errnum = exchange("beside", arguments[0]);
    unlink("beside");
    return errnum;
}

static int remove_it(char *const *arguments)
{
    char away[PATH_MAX];

    snprintf(away, sizeof(away), "%s.away", arguments[0]);
    return rename(arguments[0], away) < 0 ? errno : answer_of(rename(away, arguments[0]));
}

/* A file without a name, made where one may write, is given one where one may not (open(2), O_TMPFILE). */
static int link_nameless(char *const *arguments)
{
    hf_autoclose int fd = open(".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    char from[64], to[PATH_MAX];

    if (fd < 0)
        return errno;
    snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
    snprintf(to, sizeof(to), "%s.new", arguments[0]);
    return linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) < 0 ? errno : answer_of(unlink(to));
}

static int make_beside(char *const *arguments)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s.new", arguments[0]);
    return mkdir(path, 0700) < 0 ? errno : answer_of(rmdir(path));
}

/* /dev/null's number; any other would do as well (null(4)). */
static int make_device(char *const *arguments)
{
    (void)arguments;
    return mknod("device", S_IFCHR | 0666, makedev(1, 3)) < 0 ? errno : answer_of(unlink("device"));
}

static int rename_with_whiteout(char *const *arguments)
{
    if (renameat2(AT_FDCWD, arguments[0], AT_FDCWD, "whited-out", RENAME_WHITEOUT) < 0)
        return errno;
    return unlink(arguments[0]) < 0 ? errno : answer_of(rename("whited-out", arguments[0]));
}

static int open_for_writing(char *const *arguments)
{
    hf_autoclose int fd = open(arguments[0], O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    return answer_of(fd);
}

static int open_for_reading(char *const *arguments)
{
    hf_autoclose int fd = open(arguments[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    return answer_of(fd);
}

/* From a directory that is standard input. */
static int read_from_standard_input(char *const *arguments)
{
    return read_at(STDIN_FILENO, arguments[0]);
}

static int read_inherited(char *const *arguments)
{
    char byte;

    return answer_of(pread(atoi(arguments[0]), &byte, 1, 0));
}

const struct probe_attempt probe_attempts_files[] = {
    {"read", read_plain, "open it and read a byte", false},
    {"read-by-path-descriptor", read_by_path_descriptor, "opened O_PATH, and again by /proc/self/fd", false},
    {"read-by-thread-descriptor", read_by_thread_descriptor, "the same by /proc/thread-self/fd", false},
    {"read-by-openat2", read_by_openat2, "by openat2(2)", false},
    {"read-by-folder", read_by_folder, "from its folder, which is opened O_PATH", false},
    {"read-from-folder", read_from_folder, "after chdir(2) to its folder", true},
    {"read-by-handle", read_by_handle, "by open_by_handle_at(2)", false},
    {"read-by-thread", read_by_thread, "in another thread", false},
    {"read-by-vfork", read_by_vfork, "in a child of vfork(2)", true},
    {"read-by-own-ruleset", read_by_own_ruleset, "under a Landlock ruleset of one's own", true},
    {"read-by-swapped-link", read_by_swapped_link, "by a link whose target changes all the time", false},
    {"read-by-symlink", read_by_symlink, "by a new symbolic link in the working directory", false},
    {"read-by-link", read_by_link, "by a new hard link in the working directory", false},
    {"read-by-link-of-descriptor", read_by_link_of_descriptor, "the same, of an O_PATH descriptor (AT_EMPTY_PATH)", false},
    {"read-by-link-in-proc", read_by_link_in_proc, "the same, by /proc/self/fd (AT_SYMLINK_FOLLOW)", false},
    {"read-by-rename", read_by_rename, "FROM renamed to TO", false},
    {"read-by-exchange", read_by_exchange, "FROM and TO exchanged", false},
    {"read-by-folder-rename", read_by_folder_rename, "the folder of FROM renamed to TO", false},
    {"write", write_plain, "open it O_WRONLY and write a byte behind its end", false},
    {"write-by-appending", write_by_appending, "O_APPEND", false},
    {"write-by-open-again", write_by_open_again, "opened O_RDONLY, and again by /proc/self/fd for writing", false},
    {"write-by-dev-fd", write_by_device_of_descriptor, "the same by /dev/fd", false},
    {"write-by-map", write_by_map, "mapped shared and written to", false},
    {"truncate-by-opening", truncate_by_opening, "O_RDONLY | O_TRUNC", false},
    {"truncate", truncate_by_name, "truncate(2), to the length that it has", false},
    {"truncate-opened-again", truncate_opened_again, "ftruncate(2), opened again by /proc/self/fd", false},
    {"punch-hole", punch_hole, "fallocate(2), opened again by /proc/self/fd", false},
    {"copy-range", copy_range, "copy_file_range(2), opened again by /proc/self/fd", false},
    {"replace", replace, "exchange it with a file of the working directory", false},
    {"remove", remove_it, "rename it within its folder", false},
    {"link-nameless", link_nameless, "an O_TMPFILE of the working directory linked beside it", false},
    {"make-beside", make_beside, "a new directory beside it", false},
    {"make-device", make_device, "a device node in the working directory", false},
    {"rename-with-whiteout", rename_with_whiteout, "to the working directory, a whiteout in its place", false},
    {"open-for-writing", open_for_writing, "open it O_WRONLY and do no more", false},
    {"open-for-reading", open_for_reading, "open it O_RDONLY and do no more", false},
    {"read-from-standard-input", read_from_standard_input, "a name, from the directory that is standard input", false},
    {"read-inherited", read_inherited, "from a descriptor with that number", false},
    {NULL, NULL, NULL, false},
};
