/* The proxy alone, on a loopback port of its own, for tests/runner/test_proxy_*.py:
 *     proxy_driver [-l LOGFILE] [-o] [-t STATE=MS]... [-c CONNECTIONS] [-e CONNECTIONS] [-f DESCRIPTORS] [-r DIRECTORY]
 *                  POLICY-FILE
 * -o has the log as OCSF, -e limits the connections at which TLS ends. DIRECTORY takes the place of the run's own, for a policy
 * that ends TLS.
 * Prints the port, serves until standard input closes, and ends with 0 if the proxy did. It is a run to `holdfast update`. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "control/socket.h"
#include "launch/terminate.h"
#include "proxy/proxy.h"
#include "proxy/server.h"
#include "policy_file.h"

struct settings {
    struct hf_proxy_limits limits;
    unsigned connections; /* 0 for the default */
    int log;
    enum hf_log_format format;
    const char *run_directory; /* or NULL */
};

static bool set_time(struct hf_proxy_limits *limits, const char *text)
{
    static const char *const states[HF_CONNECTION_STATES] = {"head", "resolve", "dial", "shake", "tunnel", "reply"};
    const char *value = strchr(text, '=');

    for (int i = 0; value && i < HF_CONNECTION_STATES; i++) {
        if (strncmp(text, states[i], (size_t)(value - text)) != 0)
            continue;
        limits->ms[i] = atoi(value + 1);
        return true;
    }
    return false;
}

static bool set_descriptors(const char *text)
{
    const struct rlimit limit = {.rlim_cur = (rlim_t)atoi(text), .rlim_max = (rlim_t)atoi(text)};

    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool parse(int argc, char **argv, struct settings *settings)
{
    int option;

    while ((option = getopt(argc, argv, "l:ot:c:e:f:r:")) != -1) {
        bool good = true;

        if (option == 'l')
            good = (settings->log = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) >= 0;
        else if (option == 'o')
            settings->format = HF_LOG_OCSF;
        else if (option == 't')
            good = set_time(&settings->limits, optarg);
        else if (option == 'c')
            settings->connections = (unsigned)atoi(optarg);
        else if (option == 'e')
            settings->limits.terminated = (unsigned)atoi(optarg);
        else if (option == 'r')
            settings->run_directory = optarg;
        else if (option == 'f')
            good = set_descriptors(optarg);
        else
            return false;
        if (!good) {
            fprintf(stderr, "proxy_driver: -%c %s: %s\n", option, optarg, strerror(errno));
            return false;
        }
    }
    return optind == argc - 1;
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        perror("proxy_driver: listening socket");
        exit(1);
    }
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    struct settings settings = {.limits = hf_proxy_default_limits(), .log = -1};
    struct hf_diagnostics diagnostics;
    struct hf_policy policy;
    struct hf_terminator terminator = {NULL, NULL};
    struct hf_error error;
    int listener, control, failed;

    if (!parse(argc, argv, &settings)) {
        fprintf(stderr, "usage: proxy_driver [-l LOG] [-o] [-t STATE=MS]... [-c CONNECTIONS] [-f DESCRIPTORS] POLICY\n");
        return 2;
    }
    if (!policy_from_file(argv[optind], &policy, &diagnostics)) {
        print_diagnostics(&diagnostics, argv[optind], stderr);
        hf_diagnostics_free(&diagnostics);
        return 2;
    }
    if (settings.run_directory && !hf_terminate_prepare(&policy, settings.run_directory, &terminator, &error)) {
        hf_error_print(&error, argv[optind], stderr);
        return 2;
    }
    control = hf_control_listen(); /* before the port is printed */
    listener = listen_on_loopback();
    settings.limits.connections = settings.connections ? settings.connections : hf_proxy_default_limits().connections;
    settings.limits.pipes = hf_proxy_default_limits().pipes;
    failed = hf_proxy_serve_within(&(struct hf_proxy){.listener = listener,
                                                      .stop = STDIN_FILENO,
                                                      .log = settings.log,
                                                      .format = settings.format,
                                                      .control = control,
                                                      .owner = geteuid(),
                                                      .policy = &policy,
                                                      .terminator = terminator.world ? &terminator : NULL},
                                   &settings.limits);
    if (failed)
        fprintf(stderr, "proxy_driver: serve: %s\n", strerror(failed));
    if (terminator.world)
        terminator.ops->close(terminator.world);
    close(listener);
    if (control >= 0)
        close(control);
    if (settings.log >= 0)
        close(settings.log);
    hf_policy_free(&policy);
    return failed ? 1 : 0;
}
