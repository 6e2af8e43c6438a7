/* Running cells: a fresh directory, the command with its output on pipes, the time limit, the outside served meanwhile,
 * and then nothing of it left. A guest runs this under software emulation, where a system call costs microseconds and a
 * fork milliseconds: hence vfork, one poll loop for everything, and one write for a result. */
#include "cell_run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cell_result.h"
#include "cell_setup.h"
#include "leftovers.h"
#include "outside.h"
#include "world.h"

#define ENVIRONMENT_MAX 256

struct output {
    int read_end;
    int write_end;
    size_t length;
    bool cut;
    char bytes[OUTPUT_MAX];
};

struct runner {
    struct results results;
    int null;
    bool own_world;
    struct outside outside;
    struct output streams[2]; /* stdout, stderr */
    char *environment[ENVIRONMENT_MAX];
};

/* What the child tells through the memory that it shares until its exec. Volatile: to a compiler a function that never
 * returns changes nothing for those who go on. */
struct trouble {
    const char *volatile what;
    volatile int errnum;
};

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A later value of a name takes the place of an earlier one. False with errno. */
static bool set_variable(struct runner *self, const char *name, const char *value)
{
    const size_t length = strlen(name);
    size_t i = 0;
    char *entry;

    while (self->environment[i] &&
           (strncmp(self->environment[i], name, length) != 0 || self->environment[i][length] != '='))
        i++;
    if (i == ENVIRONMENT_MAX - 1) {
        errno = E2BIG;
        return false;
    }
    if (asprintf(&entry, "%s=%s", name, value) < 0)
        return false;
    free(self->environment[i]);
    self->environment[i] = entry;
    return true;
}

static void clear_environment(struct runner *self)
{
    for (size_t i = 0; self->environment[i]; i++) {
        free(self->environment[i]);
        self->environment[i] = NULL;
    }
}

static bool make_environment(struct runner *self, const struct cell *cell)
{
    const uid_t uid = cell->has_user ? cell->uid : geteuid();
    const gid_t gid = cell->has_user ? cell->gid : getegid();
    const pid_t target = outside_target(&self->outside, uid, gid);
    char number[16];

    snprintf(number, sizeof(number), "%d", target);
    if (target < 0 || !set_variable(self, "PATH", "/usr/local/bin:/usr/bin:/bin") ||
        !set_variable(self, "HOME", CELL_DIRECTORY) || !set_variable(self, "LANG", "C") ||
        !set_variable(self, "HF_OUTSIDE_PID", number))
        return false;
    for (size_t i = 0; i < cell->env_count; i += 2)
        if (!set_variable(self, cell->env[i], cell->env[i + 1]))
            return false;
    return true;
}

/* In a user namespace of one's own groups cannot be dropped (user_namespaces(7)); with none it need not be. */
static bool become_user(uid_t uid, gid_t gid)
{
    return (getgroups(0, NULL) == 0 || syscall(SYS_setgroups, 0UL, NULL) == 0) &&
           syscall(SYS_setresgid, gid, gid, gid) == 0 && syscall(SYS_setresuid, uid, uid, uid) == 0;
}

/* Runs in the parent's memory (vfork(2)): it changes nothing there but *trouble, and makes system calls only. */
__attribute__((noreturn, noinline)) static void run_child(struct runner *self, const struct cell *cell, bool tied,
                                                          struct trouble *trouble)
{
    setsid();
    umask(022);
    if (dup2(self->null, 0) < 0 || dup2(self->streams[0].write_end, 1) < 0 || dup2(self->streams[1].write_end, 2) < 0)
        trouble->what = "stdio";
    else if (cell->has_user && !become_user(cell->uid, cell->gid))
        trouble->what = "user";
    else if (tied && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        trouble->what = "pdeathsig";
    else {
        execvpe(cell->argv[0], (char *const *)cell->argv, self->environment);
        trouble->what = "exec";
    }
    trouble->errnum = errno;
    _exit(127);
}

static pid_t start(struct runner *self, const struct cell *cell, struct trouble *trouble)
{
    const bool tied = getpid() != 1; /* everything in a PID namespace dies with its first process anyway */
    const pid_t pid = vfork();

    if (pid == 0)
        run_child(self, cell, tied, trouble);
    return pid;
}

/* Takes a piece of what is there, as read(2) does. */
static ssize_t take_output(struct output *stream)
{
    char rest[4096];
    char *const into = stream->cut || stream->length == OUTPUT_MAX ? rest : stream->bytes + stream->length;
    const size_t room = into == rest ? sizeof(rest) : OUTPUT_MAX - stream->length;
    const ssize_t got = read(stream->read_end, into, room);

    if (got > 0 && into == rest)
        stream->cut = true;
    else if (got > 0)
        stream->length += (size_t)got;
    return got;
}

/* True when the command ended, false when its time did. */
static bool watch(struct runner *self, int process, long deadline)
{
    struct pollfd watched[3 + OUTSIDE_POLLFDS] = {{.fd = process, .events = POLLIN},
                                                  {.fd = self->streams[0].read_end, .events = POLLIN},
                                                  {.fd = self->streams[1].read_end, .events = POLLIN}};

    for (;;) {
        const long left = deadline - now_ms();
        int ready;

        outside_watch(&self->outside, watched + 3);
        ready = left > 0 ? poll(watched, 3 + OUTSIDE_POLLFDS, (int)left) : 0;
        if (ready == 0)
            return false;
        if (ready < 0)
            continue;
        for (size_t i = 0; i < 2; i++)
            if (watched[1 + i].revents && take_output(&self->streams[i]) == 0)
                watched[1 + i].fd = -1;
        if (watched[0].revents)
            return true;
        outside_serve(&self->outside, watched + 3);
    }
}

/* Ends what the command left behind. Mostly there is nothing, and one call tells: orphans fall to this process. */
static void sweep(struct runner *self)
{
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ;
    if (pid < 0)
        return;
    if (getpid() == 1)
        kill(-1, SIGKILL); /* all of this PID namespace at once, which not even a fork bomb outruns */
    hf_leftovers_kill();
    outside_end_target(&self->outside);
}

static bool open_stream(struct output *stream)
{
    int ends[2];

    stream->length = 0;
    stream->cut = false;
    stream->read_end = stream->write_end = -1;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    stream->read_end = ends[0];
    stream->write_end = ends[1];
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void setup_failed(struct ended *ended, const char *what, int errnum)
{
    ended->failed = what;
    ended->errnum = errnum;
}

static void run_command(struct runner *self, const struct cell *cell, long deadline, struct ended *ended)
{
    struct trouble trouble = {NULL, 0};
    const pid_t pid = start(self, cell, &trouble);
    hf_autoclose int process = pid > 0 ? pidfd_open(pid, 0) : -1;

    if (pid < 0 || process < 0)
        setup_failed(ended, "fork", errno);
    close_end(&self->streams[0].write_end);
    close_end(&self->streams[1].write_end);
    if (pid < 0)
        return;
    if (!ended->failed)
        ended->timed_out = !watch(self, process, deadline);
    if (ended->timed_out || ended->failed)
        kill(pid, SIGKILL);
    waitpid(pid, &ended->status, 0);
    sweep(self);
    for (size_t i = 0; i < 2; i++)
        while (take_output(&self->streams[i]) > 0)
            ;
    if (trouble.what)
        setup_failed(ended, trouble.what, trouble.errnum);
}

static void set_up_and_run(struct runner *self, const struct cell *cell, long deadline, struct ended *ended)
{
    const char *failed = cell_set_up(cell);

    if (!failed && !make_environment(self, cell))
        failed = "environment";
    if (!failed && (!open_stream(&self->streams[0]) || !open_stream(&self->streams[1])))
        failed = "pipe";
    if (failed)
        setup_failed(ended, failed, errno);
    else
        run_command(self, cell, deadline, ended);
}

static void tell_output(struct runner *self, const struct cell *cell)
{
    static const char *const names[] = {"stdout", "stderr"};

    for (size_t i = 0; i < 2; i++)
        results_data(&self->results, cell->id, names[i], self->streams[i].bytes, self->streams[i].length,
                     self->streams[i].cut);
    for (size_t i = 0; i < cell->send_count; i++)
        results_file(&self->results, cell->id, cell->sends[i], self->streams[0].bytes);
}

static void clean_up(struct runner *self)
{
    for (size_t i = 0; i < 2; i++) {
        close_end(&self->streams[i].read_end);
        close_end(&self->streams[i].write_end);
    }
    outside_reset(&self->outside);
    clear_environment(self);
    cell_tear_down();
    if (self->own_world) {
        empty_directory("/tmp");
        empty_directory("/dev/shm");
    }
}

/* The begin line is out before anything happens, the end line once nothing of the cell is left: after a panic or a hang
 * they tell which cell it was. */
static bool run_cell(struct runner *self, const struct cell *cell)
{
    const long begun = now_ms();
    struct ended ended = {0};
    long ms;

    results_begin(&self->results, cell->id);
    if (!results_flush(&self->results))
        return false;
    set_up_and_run(self, cell, begun + cell->timeout_ms, &ended);
    ms = now_ms() - begun;
    if (!ended.failed)
        tell_output(self, cell);
    clean_up(self);
    results_kernel_log(&self->results, cell->id, self->streams[0].bytes);
    results_end(&self->results, cell->id, &ended, ms);
    return results_flush(&self->results);
}

static bool run_all(struct runner *self, const struct cell_list *list)
{
    const struct world_room room = world_room();
    const char *filled = NULL;
    bool written;

    if (!outside_open(&self->outside))
        return false;
    results_kernel_log(&self->results, NULL, self->streams[0].bytes);
    results_guest(&self->results);
    written = results_flush(&self->results);
    for (size_t i = 0; i < list->count && written && !filled; i++) {
        written = run_cell(self, &list->cells[i]);
        /* The cells that are left are for a fresh world. */
        if ((filled = world_filled(&room)))
            fprintf(stderr, "cells: %s has filled %s\n", list->cells[i].id, filled);
    }
    outside_close(&self->outside);
    fputs("@done\n", self->results.out);
    return written && results_flush(&self->results);
}

bool cells_run(const struct cell_list *list, struct result_sink results, bool own_world)
{
    hf_autofree struct runner *self = calloc(1, sizeof(*self));
    hf_autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool done;

    umask(0);
    /* What the caller left open is not for the cells. Before 5.11, without the flag, there is only a guest's init. */
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    /* Where execvpe(3) looks, whatever the cell's own PATH is. */
    if (!self || null < 0 || !hf_leftovers_adopt() || setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1) < 0) {
        perror("cannot prepare to run cells");
        return false;
    }
    self->null = null;
    self->own_world = own_world;
    for (size_t i = 0; i < 2; i++)
        self->streams[i].read_end = self->streams[i].write_end = -1;
    done = results_open(&self->results, results) && run_all(self, list);
    results_close(&self->results);
    return done;
}
