/* cellrun [--isolate PAYLOAD_DIR] CELLS_FILE RESULTS: runs a list of cells without a VM. RESULTS is a path, or fd:N.
 *
 * With --isolate they run in mount, network and PID namespaces of their own, as root in a user namespace where the
 * caller is not root; PAYLOAD_DIR/usr/local and PAYLOAD_DIR/etc/hosts, passwd and group take their places there. Nothing
 * of it outlives this process. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cell_run.h"
#include "cells.h"
#include "world.h"

static const char usage[] = "usage: cellrun [--isolate PAYLOAD_DIR] CELLS_FILE RESULTS\n"
                            "RESULTS is a path, or fd:N for a descriptor that is open already\n";

static bool failed(const char *what)
{
    fprintf(stderr, "cellrun: %s: %s\n", what, strerror(errno));
    return false;
}

static int open_results(const char *where)
{
    int fd;

    if (strncmp(where, "fd:", 3) != 0)
        return open(where, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    fd = atoi(where + 3);
    return where[3] < '0' || where[3] > '9' || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : fd;
}

static bool map_id(const char *path, unsigned id)
{
    char line[32];

    snprintf(line, sizeof(line), "0 %u 1", id);
    return world_sysctl(path, line) || failed(path);
}

/* Maps the caller to root of the new user namespace (user_namespaces(7)): one's own id is all that one may map, and the
 * group's only once setgroups(2) is given up. */
static bool enter_namespaces(void)
{
    const unsigned uid = geteuid(), gid = getegid();
    const int user = uid == 0 ? 0 : CLONE_NEWUSER;

    if (unshare(user | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC) < 0)
        return failed(user ? "cannot make a user namespace and the others in it (see user.max_user_namespaces, "
                             "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)"
                           : "cannot make namespaces");
    return !user || ((world_sysctl("/proc/self/setgroups", "deny") || failed("/proc/self/setgroups")) &&
                     map_id("/proc/self/uid_map", uid) && map_id("/proc/self/gid_map", gid));
}

static bool bind_payload(const char *payload)
{
    static const char *const places[] = {"/usr/local", "/etc/hosts", "/etc/passwd", "/etc/group"};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char source[PATH_MAX];

        snprintf(source, sizeof(source), "%s%s", payload, places[i]);
        if (!world_mount(source, places[i], NULL, MS_BIND, NULL))
            return false;
    }
    return true;
}

/* The payload may be below /tmp, and is bound before a fresh one hides it. */
static bool prepare(const char *payload)
{
    return world_mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) && bind_payload(payload) &&
           world_mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) && world_prepare();
}

/* A job of a shell without job control, or of nohup(1), inherits signals that are ignored, and exec(2) keeps them so: a
 * cell whose command is to be interrupted would never be. */
static void take_signals_as_they_come(void)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
}

/* The first process of the PID namespace. Its parent may have died before the death signal was asked for; then nobody
 * holds the other end of `alive`. */
__attribute__((noreturn)) static void be_first(const char *payload, const struct cell_list *list, int results,
                                               int alive)
{
    struct pollfd parent = {.fd = alive, .events = POLLIN};

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || poll(&parent, 1, 0) != 0)
        _exit(1);
    take_signals_as_they_come();
    _exit(prepare(payload) && cells_run(list, (struct result_sink){.fd = results, .kernel_log = -1}, true) ? 0 : 1);
}

static bool run_isolated(const char *payload, const struct cell_list *list, int results)
{
    hf_autofree char *absolute = realpath(payload, NULL);
    int alive[2], status;
    pid_t first;

    if (!absolute)
        return failed(payload);
    if (!enter_namespaces())
        return false;
    if (pipe2(alive, O_CLOEXEC) < 0 || (first = fork()) < 0)
        return failed("cannot start the first process of the PID namespace");
    if (first == 0) {
        close(alive[1]);
        be_first(absolute, list, results, alive[0]);
    }
    while (waitpid(first, &status, 0) < 0)
        if (errno != EINTR)
            return failed("waitpid");
    if (WIFSIGNALED(status))
        fprintf(stderr, "cellrun: the first process of the PID namespace was killed by signal %d\n", WTERMSIG(status));
    return status == 0;
}

static bool run_here(const struct cell_list *list, int results)
{
    if (mkdir(CELL_DIRECTORY, 0755) < 0 && errno != EEXIST)
        return failed("cannot make " CELL_DIRECTORY);
    return cells_run(list, (struct result_sink){.fd = results, .kernel_log = -1}, false);
}

int main(int argc, char *argv[])
{
    static const struct option options[] = {
        {"isolate", required_argument, NULL, 'i'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *payload = NULL;
    struct cell_list list;
    int option, results;
    bool done;

    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option != 'i') {
            fputs(usage, option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : 2;
        }
        payload = optarg;
    }
    if (argc - optind != 2) {
        fputs(usage, stderr);
        return 2;
    }
    if (!world_read_cells(argv[optind], &list))
        return 1;
    if ((results = open_results(argv[optind + 1])) < 0) {
        failed(argv[optind + 1]);
        cells_free(&list);
        return 1;
    }
    done = payload ? run_isolated(payload, &list, results) : run_here(&list, results);
    cells_free(&list);
    return done ? 0 : 1;
}
