/* Attempts to execute what is not to be executed, and to gain by it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

#ifdef __x86_64__
#define LOADER "/lib64/ld-linux-x86-64.so.2"
#else
#define LOADER "/lib/ld-linux-aarch64.so.1"
#endif

#define OUTPUT_MAX 512

/* Makes itself that program, with its output on `out`; the errno of that is the exit status. */
static _Noreturn void become(char *const *command, int program, int out)
{
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
        _exit(errno);
    if (program >= 0)
        syscall(SYS_execveat, program, "", command, environ, AT_EMPTY_PATH);
    else
        execv(command[0], command);
    _exit(errno);
}

/* What it prints, of which the first part is kept. 0, or an errno. */
static int run(char *const *command, int program, char output[OUTPUT_MAX])
{
    size_t length = 0;
    ssize_t got = 1;
    int ends[2], status;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return errno;
    pid = fork();
    if (pid == 0)
        become(command, program, ends[1]);
    close(ends[1]);
    while (pid > 0 && got > 0 && length < OUTPUT_MAX - 1) {
        got = read(ends[0], output + length, OUTPUT_MAX - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    output[length] = '\0';
    close(ends[0]);
    return pid < 0 || waitpid(pid, &status, 0) < 0 ? errno : WIFEXITED(status) ? WEXITSTATUS(status) : ENOEXEC;
}

static int execute(char *const *arguments)
{
    char output[OUTPUT_MAX];
    char *const command[] = {arguments[0], "a nnp", NULL};

    return run(command, -1, output);
}

static int execute_by_descriptor(char *const *arguments)
{
    char output[OUTPUT_MAX];
    char *const command[] = {arguments[0], "a nnp", NULL};
    hf_autoclose int program = open(arguments[0], O_PATH | O_CLOEXEC);

    return program < 0 ? errno : run(command, program, output);
}

/* The loader says 127 of what it cannot open. */
static int execute_by_loader(char *const *arguments)
{
    char output[OUTPUT_MAX];
    char *const command[] = {LOADER, arguments[0], "a nnp", NULL};
    const int status = run(command, -1, output);

    return status == 127 ? EACCES : status;
}

/* A copy of this program, which is listed, in a file that has no path or one in memory's file system. */
static int execute_copy(int file)
{
    char output[OUTPUT_MAX];
    char *const command[] = {"copy", "a nnp", NULL};
    hf_autoclose int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (file < 0 || from < 0 || fstat(from, &status) < 0 || sendfile(file, from, NULL, (size_t)status.st_size) < 0)
        return errno;
    return run(command, file, output);
}

static int execute_memory(char *const *arguments)
{
    hf_autoclose int file = memfd_create("attempt", MFD_CLOEXEC);

    (void)arguments;
    return execute_copy(file);
}

static int map_executable(char *const *arguments)
{
    hf_autoclose int file = open(arguments[0], O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return errno;
    return mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED ? errno : 0;
}

/* Of a set-user-ID program or one with capabilities: is it another user, or has it any? PATH is a copy of this program. */
static int gain(char *const *arguments)
{
    char output[OUTPUT_MAX];
    char *const command[] = {arguments[0], "a id", "b caps", NULL};
    const int status = run(command, -1, output);

    if (status)
        return status;
    return strstr(output, "/0/") || strstr(output, "CapEff=") ? 0 : EPERM;
}

const struct probe_attempt probe_attempts_exec[] = {
    {"execute", execute, "execve(2) of it; it is a copy of hf-probe", false},
    {"execute-by-descriptor", execute_by_descriptor, "execveat(2), opened O_PATH", false},
    {"execute-by-loader", execute_by_loader, "the loader with it as an argument", false},
    {"execute-memory", execute_memory, "a copy of this program in memory (memfd_create(2))", false},
    {"map-executable", map_executable, "map it to be executed, as a loader does", true},
    {"gain", gain, "another user or a capability by executing it", false},
    {NULL, NULL, NULL, false},
};
