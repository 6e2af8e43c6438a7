/* From a start to its end. */
#include "caller.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void exit_status(void)
{
    struct started it = start_well(&usual, "exit 7");

    ends_with(&it, HF_EXIT_EXITED, 7);
}

static void streams_can_be_given(void)
{
    int in[2], out[2], streams[3];
    const struct hf_options piped = {.streams = streams};
    struct started it;
    char text[32] = "";

    HOLDS(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
    streams[0] = in[0];
    streams[1] = streams[2] = out[1];
    it = start_well(&piped, "cat; echo two >&2");
    close(in[0]);
    close(out[1]);
    HOLDS(write(in[1], "one\n", 4) == 4);
    close(in[1]);
    for (size_t used = 0; used < sizeof(text) - 1;) {
        const ssize_t got = read(out[0], text + used, sizeof(text) - 1 - used);

        HOLDS(got >= 0);
        if (got == 0) /* the end comes by itself: nobody else holds the pipe */
            break;
        used += (size_t)got;
    }
    HOLDS(strcmp(text, "one\ntwo\n") == 0);
    ends_with(&it, HF_EXIT_EXITED, 0);
}

static void streams_may_be_swapped(void)
{
    const int swapped[] = {STDIN_FILENO, STDERR_FILENO, STDOUT_FILENO};
    const struct hf_options options = {.streams = swapped};
    struct started it = start_well(&options, "echo to-stderr; echo to-stdout >&2");

    ends_with(&it, HF_EXIT_EXITED, 0);
}

/* As in a daemon. What goes wrong is seen by the exit status alone. */
static void streams_may_be_closed(void)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        alarm(10);
        for (int fd = 0; fd <= STDERR_FILENO; fd++)
            close(fd);
        exit_status();
        _exit(0);
    }
    HOLDS(waitpid(child, &status, 0) == child && status == 0);
}

static void end_can_be_polled_for(void)
{
    struct started it = start_well(&usual, "read line < /dev/null; sleep 0.3; exit 4");
    struct pollfd readable = {.fd = hf_sandbox_fd(it.sandbox), .events = POLLIN};

    HOLDS(poll(&readable, 1, 0) == 0);
    HOLDS(poll(&readable, 1, 10000) == 1);
    ends_with(&it, HF_EXIT_EXITED, 4);
}

static void signals_are_passed_on(void)
{
    struct started it = start_ready(&usual, "trap 'exit 5' USR1; echo; while :; do sleep 0.05; done");

    HOLDS(!hf_sandbox_signal(it.sandbox, SIGSEGV) && errno == EINVAL);
    HOLDS(hf_sandbox_signal(it.sandbox, SIGUSR1));
    ends_with(&it, HF_EXIT_EXITED, 5);
}

static void kill_ends_it_all(void)
{
    struct started it = start_ready(&usual, "trap '' TERM; sleep 1000 & echo; wait");

    HOLDS(hf_sandbox_signal(it.sandbox, SIGKILL));
    ends_with(&it, HF_EXIT_SIGNALED, SIGKILL);
}

static void time_is_limited(void)
{
    const struct hf_options short_time = {.timeout = 1};
    struct started it = start_well(&short_time, "exec sleep 1000");

    ends_with(&it, HF_EXIT_TIMEOUT, SIGTERM);
}

/* By these arguments whoever runs this looks for what is left. */
static void free_ends_it_all(void)
{
    struct started it = start_ready(&usual, "sleep 31415 & echo; exec sleep 31415");

    end(&it);
    HOLDS(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static void caller_is_killed(void)
{
    const struct hf_options proxy = {.mode = "proxy"};

    (void)start_ready(&usual, "sleep 31415 & echo; exec sleep 31415");
    (void)start_ready(&proxy, "sleep 31415 & echo; exec sleep 31415");
    raise(SIGKILL);
}

/* Where a log goes that is a descriptor, and what it says of who asked. The command asks a proxy that lets nobody out. */
static void logs_to(int descriptor, const char *file)
{
    static const char asks[] = "exec 3<> /dev/tcp/127.0.0.1/${HTTPS_PROXY##*:} && "
                               "printf 'CONNECT a.test:443 HTTP/1.1\\r\\nHost: a.test:443\\r\\n\\r\\n' >&3 && read -r line <&3";
    char *const argv[] = {"bash", "-c", (char *)(uintptr_t)asks, NULL};
    const struct hf_options options = {.mode = "proxy", .log = &descriptor};
    struct hf_policy *policy = hf_policy_load(NULL);
    struct hf_sandbox *sandbox = policy ? hf_sandbox_new(policy, &options, sizeof(options)) : NULL;
    const int log = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char text[4096] = "";
    struct hf_exit ended;
    struct hf_error error;
    int read_from, free_before, free_after;

    HOLDS(sandbox && log >= 0 && dup2(log, descriptor) == descriptor);
    HOLDS((free_before = dup(log)) >= 0 && close(free_before) == 0);
    HOLDS(hf_sandbox_run(sandbox, argv, &ended, &error) && ended.kind == HF_EXIT_EXITED && ended.status == 0);
    HOLDS((free_after = dup(log)) == free_before && close(free_after) == 0);
    read_from = open(file, O_RDONLY | O_CLOEXEC);
    HOLDS(read_from >= 0 && read(read_from, text, sizeof(text) - 1) > 0);
    HOLDS(strstr(text, "a.test") && strstr(text, "bash"));
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
}

static void log_may_be_any_descriptor(void)
{
    for (int descriptor = 0; descriptor < 4; descriptor++) {
        const pid_t child = fork();
        int status;

        if (child == 0) {
            char folder[] = "/tmp/hf-caller-XXXXXX", file[sizeof(folder) + 4];

            HOLDS(mkdtemp(folder));
            snprintf(file, sizeof(file), "%s/log", folder);
            logs_to(descriptor, file);
            HOLDS(unlink(file) == 0 && rmdir(folder) == 0);
            _exit(0);
        }
        HOLDS(waitpid(child, &status, 0) == child && status == 0);
    }
}

const struct test_case life_cases[] = {
    CASE(exit_status),
    CASE(streams_can_be_given),
    CASE(streams_may_be_swapped),
    CASE(streams_may_be_closed),
    CASE(end_can_be_polled_for),
    CASE(signals_are_passed_on),
    CASE(kill_ends_it_all),
    CASE(time_is_limited),
    CASE(free_ends_it_all),
    CASE(caller_is_killed),
    CASE(log_may_be_any_descriptor),
    {NULL, NULL},
};
