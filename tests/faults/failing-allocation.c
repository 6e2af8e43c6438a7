/* LD_PRELOADed with FAIL_ALLOCATION=N it lets the Nth allocation of a process tree fail, once, with ENOMEM. It takes itself
 * and its number out of the environment, so that what the tree executes is spared. With COUNT_ALLOCATIONS=FILE it writes how
 * many there were, at the end of the first process. glibc's own allocations come by here too ("Replacing malloc"). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static struct {
    atomic_ulong count;
} *shared; /* by every process of the tree */
static unsigned long nth;
static int report = -1;
static pid_t first;

__attribute__((constructor)) static void begin(void)
{
    const char *wanted = getenv("FAIL_ALLOCATION"), *file = getenv("COUNT_ALLOCATIONS");
    void *const page = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        _exit(98);
    nth = wanted ? strtoul(wanted, NULL, 10) : 0;
    if (file)
        report = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    first = getpid();
    unsetenv("LD_PRELOAD");
    unsetenv("FAIL_ALLOCATION");
    unsetenv("COUNT_ALLOCATIONS");
    shared = page;
}

__attribute__((destructor)) static void end(void)
{
    if (report >= 0 && getpid() == first)
        dprintf(report, "%lu\n", atomic_load(&shared->count));
}

/* Whose it was is said aloud: what crashes then may not be ours. */
static int fails(const void *caller)
{
    char line[256];
    Dl_info info;
    int length;

    if (!shared || atomic_fetch_add(&shared->count, 1) + 1 != nth)
        return 0;
    if (dladdr(caller, &info) && (length = snprintf(line, sizeof(line), "failing-allocation: of %s\n", info.dli_fname)) > 0 &&
        write(STDERR_FILENO, line, (size_t)length) < 0)
        _exit(98);
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) { return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size); }

void *realloc(void *memory, size_t size) { return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size); }
