/* What it takes to find out who asks, in a process namespace whose /proc is its own (unshare --pid --fork --mount-proc):
 *   who same    of 1,000 connections that a listed program has open
 *   who other   of those of a listed program, while one that is not listed has 1,000 others open
 * Ten idle processes of another program stand beside them. Prints the median and the 99th percentile in microseconds. */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "who/who.h"

#define CONNECTIONS 1000
#define IDLE 10
#define OTHER "/tmp/hf-bench-who-other"

static double microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void hold_connections(const struct sockaddr_in *to)
{
    for (int i = 0; i < CONNECTIONS; i++) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);

        if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
            _exit(1);
    }
    pause();
    _exit(0);
}

static void start(const struct sockaddr_in *to, const char *program)
{
    if (fork() != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (to)
        hold_connections(to);
    execl(program, program, "60", NULL);
    _exit(1);
}

static int compare(const void *one, const void *other)
{
    const double a = *(const double *)one, b = *(const double *)other;

    return (a > b) - (a < b);
}

/* A copy of this program is another program. */
static bool become_another(char *const *argv)
{
    char command[4096];

    snprintf(command, sizeof(command), "cp /proc/%d/exe " OTHER, (int)getpid());
    return system(command) == 0 && execv(OTHER, argv) == 0;
}

static void hold_as_another(const struct sockaddr_in *to)
{
    char port[16];
    char *argv[] = {"who", "hold", port, NULL};

    snprintf(port, sizeof(port), "%d", ntohs(to->sin_port));
    if (fork() == 0)
        _exit(become_another(argv) ? 0 : 1);
}

static bool measure(int listener, struct hf_who *who, const struct hf_policy *policy, bool all)
{
    static double took[CONNECTIONS];

    for (int i = 0; i < CONNECTIONS; i++) {
        const int fd = accept(listener, NULL, NULL);
        const double begun = microseconds();
        struct hf_asker asker;
        struct hf_question *question = hf_question_new(who, fd, &asker);
        const bool is_admitted = question && hf_question_admits(question, policy->networks, &asker);

        hf_question_free(question);
        took[i] = microseconds() - begun;
        if (all && !is_admitted)
            return fprintf(stderr, "who: not found: %s\n", asker.trouble ? asker.trouble : asker.program) < 0;
    }
    qsort(took, CONNECTIONS, sizeof(took[0]), compare);
    return !all || printf("%.1f %.1f\n", took[CONNECTIONS / 2], took[CONNECTIONS * 99 / 100]) > 0;
}

/* As in a run: by a process apart. */
static void ask_apart(struct hf_who *who)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        _exit(1);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        hf_who_answer(who, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    hf_who_ask_at(who, ends[0]);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    char program[4096] = "";
    struct hf_path paths[] = {{.path = program}};
    struct hf_network_policy network = {.binaries = {.items = paths, .count = 1, .given = true}};
    const struct hf_policy policy = {.networks = &network, .network_count = 1};
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct hf_inside inside;
    struct hf_error error;
    struct hf_who *who;

    if (argc == 3 && strcmp(argv[1], "hold") == 0) {
        address.sin_port = htons((uint16_t)atoi(argv[2]));
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)unlink(OTHER);
        hold_connections(&address);
    }
    if (argc != 2 || listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 ||
        listen(listener, CONNECTIONS) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0 ||
        readlink("/proc/self/exe", program, sizeof(program) - 1) < 0 || !hf_inside_open(&inside, &error) ||
        !(who = hf_who_new(&inside, &policy)))
        return 1;
    ask_apart(who);
    for (int i = 0; i < IDLE; i++)
        start(NULL, "/bin/sleep");
    if (strcmp(argv[1], "other") == 0) {
        hold_as_another(&address);
        if (!measure(listener, who, &policy, false))
            return 1;
    }
    start(&address, NULL);
    return measure(listener, who, &policy, true) ? 0 : 1;
}
