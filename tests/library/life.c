/* From a start to its end. */
#include "caller.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
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
static void without_streams(void (*run)(void))
{
    const pid_t child = fork();
    int status = -1;

    if (child == 0) {
        for (int fd = 0; fd <= STDERR_FILENO; fd++)
            close(fd);
        run();
        _exit(0);
    }
    for (int i = 0; i < 1000 && waitpid(child, &status, WNOHANG) == 0; i++)
        usleep(10000);
    (void)kill(child, SIGKILL);
    HOLDS(status == 0);
}

static void streams_may_be_closed(void)
{
    without_streams(exit_status);
}

static void run_in(const char *mode)
{
    char *const argv[] = {"sh", "-c", "for fd in 0 1 2; do [ ! -e /proc/$$/fd/$fd ] || exit 1; done; exit 7", NULL};
    const struct hf_options options = {.mode = mode};
    struct hf_policy *policy = hf_policy_load(NULL);
    struct hf_sandbox *sandbox = policy ? hf_sandbox_new(policy, &options, sizeof(options)) : NULL;
    struct hf_exit ended;
    struct hf_error error;

    HOLDS(sandbox && hf_sandbox_run(sandbox, argv, &ended, &error));
    HOLDS(ended.kind == HF_EXIT_EXITED && ended.status == 7);
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
}

static void run_in_block(void)
{
    run_in("block");
}

static void run_in_proxy(void)
{
    run_in("proxy");
}

static void streams_of_the_supervisor_may_be_closed(void)
{
    without_streams(run_in_block);
    without_streams(run_in_proxy);
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

/* Nobody takes what connects to it, which the kernel does by itself. Far from the descriptors that are tried. */
static int listen_to(in_port_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), listener = fcntl(made, F_DUPFD_CLOEXEC, 20);

    close(made);
    HOLDS(listener >= 0 && bind(listener, (const struct sockaddr *)&address, length) == 0 && listen(listener, 200) == 0);
    HOLDS(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    *port = ntohs(address.sin_port);
    return listener;
}

/* Lets bash out to that port. `more` of the endpoint. */
static struct hf_policy *policy_for(in_port_t port, const char *more, const char *file)
{
    FILE *stream = fopen(file, "we");
    struct hf_policy *policy;

    HOLDS(stream && fprintf(stream,
                            "version: 1\nnetwork_policies:\n  a: {name: a, binaries: [{path: /bin/bash}], endpoints: ["
                            "{host: 127.0.0.1, port: %u, allowed_ips: [127.0.0.1]%s}]}\n",
                            port, more) > 0);
    HOLDS(fclose(stream) == 0);
    policy = hf_policy_load(file);
    HOLDS(policy && hf_policy_fault_count(policy) == 0 && unlink(file) == 0);
    return policy;
}

static int open_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;

    while ((text = strstr(text, part))) {
        found++;
        text += strlen(part);
    }
    return found;
}

/* Where a log goes that is a descriptor, and what it says of who asked. The command ends with connections that are open, and
 * that the server does not end: many, so that who does not wait for the line of each misses some. */
static void logs_to(int descriptor, const char *file)
{
    static const char asks[] = "for i in {1..8}; do exec {fd}<> /dev/tcp/127.0.0.1/${HTTPS_PROXY##*:} && "
                               "printf 'CONNECT 127.0.0.1:%d HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\n\\r\\n' $0 $0 >&$fd && "
                               "read -r line <&$fd && [[ $line = *200* ]] || exit; "
                               "until [[ $line = $'\\r' ]]; do read -r line <&$fd || exit; done; done";
    static char text[1 << 17];
    in_port_t port;
    const int listener = listen_to(&port);
    char number[8], *const argv[] = {"bash", "-c", (char *)(uintptr_t)asks, number, NULL};
    const struct hf_options options = {.mode = "proxy", .log = &descriptor};
    struct hf_policy *policy = policy_for(port, "", file);
    struct hf_sandbox *sandbox = hf_sandbox_new(policy, &options, sizeof(options));
    const int log = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct hf_exit ended;
    struct hf_error error;
    int read_from, open_before;

    snprintf(number, sizeof(number), "%u", port);
    HOLDS(sandbox && log >= 0 && dup2(log, descriptor) == descriptor);
    open_before = open_descriptors();
    HOLDS(hf_sandbox_run(sandbox, argv, &ended, &error) && ended.kind == HF_EXIT_EXITED && ended.status == 0);
    read_from = open(file, O_RDONLY | O_CLOEXEC);
    HOLDS(read_from >= 0 && read(read_from, text, sizeof(text) - 1) > 0);
    HOLDS(strstr(text, number) && strstr(text, "bash") && count(text, "\"event\":\"close\"") == 8);
    close(read_from);
    hf_sandbox_free(sandbox);
    hf_policy_unload(policy);
    HOLDS(open_descriptors() == open_before);
    close(listener);
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

/* That it cannot end TLS, for want of the object or of roots, it hears when the proxy is started, which by then has been handed
 * all that it takes. */
static void a_start_that_fails_leaves_nothing_open(void)
{
    char file[] = "/tmp/hf-caller-XXXXXX", *const argv[] = {"true", NULL};
    const struct hf_options options = {.mode = "proxy"};
    struct hf_policy *policy;
    struct hf_sandbox *sandbox;
    struct hf_exit ended;
    struct hf_error error;
    int open_before;

    close(mkstemp(file));
    policy = policy_for(443, ", protocol: rest, tls: terminate, access: full", file);
    open_before = open_descriptors();
    HOLDS(setenv("SSL_CERT_FILE", "/nowhere", 1) == 0 && (sandbox = hf_sandbox_new(policy, &options, sizeof(options))));
    HOLDS(!hf_sandbox_run(sandbox, argv, &ended, &error) && error.stage == HF_STAGE_PROXY);
    hf_sandbox_free(sandbox);
    HOLDS(open_descriptors() == open_before);
    hf_policy_unload(policy);
}

const struct test_case life_cases[] = {
    CASE(exit_status),
    CASE(streams_can_be_given),
    CASE(streams_may_be_swapped),
    CASE(streams_may_be_closed),
    CASE(streams_of_the_supervisor_may_be_closed),
    CASE(end_can_be_polled_for),
    CASE(signals_are_passed_on),
    CASE(kill_ends_it_all),
    CASE(time_is_limited),
    CASE(free_ends_it_all),
    CASE(caller_is_killed),
    CASE(log_may_be_any_descriptor),
    CASE(a_start_that_fails_leaves_nothing_open),
    {NULL, NULL},
};
