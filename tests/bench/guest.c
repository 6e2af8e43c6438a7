/* PID 1 of a guest in which a run's proxy holds tunnels: guest FEW MANY, by the kernel's command line behind "--". There it
 * may have as many descriptors as it takes, which is not so on every machine. What it finds goes to the second serial port:
 *   held N KIB   so many tunnels are open, and the proxy has so much memory (VmRSS)
 *   back N       so many of them then carried a byte there and back
 * Linked statically. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <unistd.h>

#include "world.h"

#define KEPT_BACK 600 /* descriptors that are no tunnel's */
#define PROGRAMS "/usr/local/bin/"
#define POLICY "/tmp/policy.yaml"

struct started {
    pid_t pid;
    FILE *in, *out;
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "guest: %s: %s\n", what, strerror(errno));
    reboot(RB_POWER_OFF);
    _exit(1);
}

static void must(bool done, const char *what)
{
    if (!done)
        give_up(what);
}

static struct started start(char *const argv[])
{
    int in[2], out[2];
    struct started it;

    must(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && (it.pid = fork()) >= 0, argv[0]);
    if (it.pid == 0) {
        if (dup2(in[0], STDIN_FILENO) >= 0 && dup2(out[1], STDOUT_FILENO) >= 0)
            execv(argv[0], argv);
        give_up(argv[0]);
    }
    close(in[0]);
    close(out[1]);
    must((it.in = fdopen(in[1], "w")) && (it.out = fdopen(out[0], "r")), argv[0]);
    return it;
}

static long number_of(FILE *stream)
{
    long number;

    must(fscanf(stream, "%ld", &number) == 1, "there is no answer");
    return number;
}

/* Of /proc/PID/status; -1 where it is not there. `count` is how many numbers follow. */
static long field_of(const char *pid, const char *field, int *count)
{
    char path[300], row[256], *at;
    long value = -1;
    FILE *stream;

    snprintf(path, sizeof(path), "/proc/%s/status", pid);
    *count = 0;
    if (!(stream = fopen(path, "re")))
        return -1;
    while (fgets(row, sizeof(row), stream))
        if (strncmp(row, field, strlen(field)) == 0 && row[strlen(field)] == ':') {
            value = strtol(row + strlen(field) + 1, &at, 10);
            for (*count = 1; strtol(at, &at, 10); ++*count)
                ;
        }
    fclose(stream);
    return value;
}

/* Of the supervisor's two children the one that is in no process namespace of its own. */
static long memory_of_the_proxy(pid_t supervisor)
{
    DIR *folder = opendir("/proc");
    long memory = -1;
    int count;

    must(folder, "/proc");
    for (const struct dirent *entry; (entry = readdir(folder)) && memory < 0;)
        if (field_of(entry->d_name, "PPid", &count) == supervisor && field_of(entry->d_name, "NSpid", &count) > 0 &&
            count == 1)
            memory = field_of(entry->d_name, "VmRSS", &count);
    closedir(folder);
    must(memory >= 0, "there is no proxy");
    return memory;
}

int main(int argc, char **argv)
{
    static char upstream[] = PROGRAMS "upstream", holdfast[] = PROGRAMS "holdfast";
    static const char policy_for[] =
        "version: 1\nnetwork_policies:\n  a: {name: a, endpoints: [{host: 127.0.0.1, port: %s}]}\n";
    static char asks[] = "exec " PROGRAMS "load hold ${HTTPS_PROXY##*:} $0";
    struct rlimit limit;
    char port[16];
    struct started server, run;
    FILE *results, *policy;

    must(argc == 3 && getpid() == 1, "guest FEW MANY, as PID 1");
    must(world_mount("proc", "/proc", "proc", 0, NULL) && world_mount("dev", "/dev", "devtmpfs", 0, NULL) && world_prepare(),
         "the guest");
    must((results = fopen("/dev/ttyS1", "we")), "/dev/ttyS1");
    setlinebuf(results);
    must(chdir("/tmp") == 0, "/tmp");
    must(world_sysctl("/proc/sys/net/ipv4/ip_local_port_range", "1024 65535"), "ports");
    limit.rlim_cur = limit.rlim_max = 2 * (rlim_t)atoi(argv[2]) + KEPT_BACK;
    must(setrlimit(RLIMIT_NOFILE, &limit) == 0, "RLIMIT_NOFILE");

    server = start((char *[]){upstream, (char[]){"1"}, NULL});
    (void)number_of(server.out);
    snprintf(port, sizeof(port), "%ld", number_of(server.out));
    policy = fopen(POLICY, "we");
    must(policy && fprintf(policy, policy_for, port) > 0 && fclose(policy) == 0, POLICY);
    run = start((char *[]){holdfast, (char[]){"run"}, (char[]){"--policy"}, (char[]){POLICY}, (char[]){"--"},
                           (char[]){"sh"}, (char[]){"-c"}, asks, port, NULL});
    for (int i = 1; i < argc; i++) {
        fprintf(run.in, "%s\n", argv[i]);
        fflush(run.in);
        fprintf(results, "held %ld", number_of(run.out));
        fprintf(results, " %ld\n", memory_of_the_proxy(run.pid));
    }
    fclose(run.in);
    fprintf(results, "back %ld\n", number_of(run.out));
    fclose(results);
    sync();
    reboot(RB_POWER_OFF);
    give_up("powering off");
}
