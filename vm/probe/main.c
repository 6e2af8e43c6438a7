/* hf-probe: what a process may do here, asked of the kernel by trying it. This file is the table of kinds and the loop
 * over the specs; the attempts are in the files named after their subjects. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "probe.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

static bool number_up_to(const char *text, unsigned long least, unsigned long most)
{
    char *end;
    unsigned long value;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    value = strtoul(text, &end, 10);
    return !errno && *end == '\0' && value >= least && value <= most;
}

static bool valid_port(const char *text)
{
    return number_up_to(text, 0, 65535);
}

static bool valid_number(const char *text)
{
    return number_up_to(text, 0, INT_MAX);
}

static bool valid_process(const char *text)
{
    return strcmp(text, "outside") == 0 || number_up_to(text, 1, INT_MAX);
}

static const struct probe_argument path = {.name = "PATH"};
static const struct probe_argument directory = {.name = "DIR"};
static const struct probe_argument from = {.name = "FROM"};
static const struct probe_argument to = {.name = "TO"};
static const struct probe_argument target = {.name = "TARGET"};
static const struct probe_argument name = {.name = "NAME"};
static const struct probe_argument method = {.name = "METHOD"};
static const struct probe_argument url = {.name = "URL"};
static const struct probe_argument host = {.name = "HOST"};
static const struct probe_argument address = {"ADDR", probe_address_valid, "an IPv4 or IPv6 address in numbers"};
static const struct probe_argument port = {"PORT", valid_port, "a number from 0 to 65535"};
static const struct probe_argument family = {"FAMILY", valid_number, "a number from 0 to 2147483647"};
static const struct probe_argument type = {"TYPE", valid_number, "a number from 0 to 2147483647"};
static const struct probe_argument protocol = {"PROTO", valid_number, "a number from 0 to 2147483647"};
static const struct probe_argument way = {"WAY", probe_way_known, "connect, fastopen, mptcp or sctp"};
static const struct probe_argument process = {"PID|outside", valid_process, "a process id or `outside`"};
static const struct probe_argument other = {"PID", valid_number, "a number from 0 to 2147483647"};
static const struct probe_argument through = {"CALL", probe_through_known, "read, write, execute or socket"};
static const struct probe_argument attempt = {"ATTEMPT", probe_attempt_known, "one of the attempts that --help lists"};
static const struct probe_argument call = {"NAME", probe_syscall_known, "one of the calls that --help lists"};

static const struct probe_kind kinds[] = {
    {"read", {&path}, probe_read, "open it O_RDONLY and read a byte"},
    {"write", {&path}, probe_write, "open it O_WRONLY and write a byte"},
    {"create", {&path}, probe_create, "open it O_CREAT|O_EXCL"},
    {"list", {&directory}, probe_list, "open it and read an entry"},
    {"exec", {&path}, probe_exec, "execve(2) in a child: ok, errno of execve, exit=N, signal=N"},
    {"rename", {&from, &to}, probe_rename, "rename(2)"},
    {"link", {&from, &to}, probe_link, "link(2)"},
    {"symlink", {&target, &path}, probe_symlink, "symlink(2)"},
    {"unlink", {&path}, probe_unlink, "unlink(2)"},
    {"mkdir", {&path}, probe_mkdir, "mkdir(2)"},
    {"rmdir", {&path}, probe_rmdir, "rmdir(2)"},
    {"mkfifo", {&path}, probe_mkfifo, "mkfifo(3)"},
    {"truncate", {&path}, probe_truncate, "truncate(2) to nothing"},
    {"ftruncate", {&path}, probe_ftruncate, "open it O_WRONLY and ftruncate(2) to nothing"},
    {"ioctl", {&path}, probe_ioctl, "open it and ioctl TCGETS; ENOTTY is ok: it reached the driver"},
    {"chmod", {&path}, probe_chmod, "chmod(2) to the mode it has"},
    {"tcp-connect", {&address, &port}, probe_tcp_connect, "connect a TCP socket"},
    {"tcp-bind", {&address, &port}, probe_tcp_bind, "bind a TCP socket"},
    {"tcp-by", {&way, &host, &port}, probe_tcp_by, "connect, but by MSG_FASTOPEN, or a socket of MPTCP or SCTP"},
    {"reach", {&host, &port}, probe_reach, "connect to a name or number, then by the proxy: ok, http-403, errno ..."},
    {"udp-send", {&address, &port}, probe_udp_send, "send a byte; ECONNREFUSED when nobody takes it"},
    {"unix-connect", {&path}, probe_unix_connect, "connect a stream socket to a path"},
    {"unix-send", {&path}, probe_unix_send, "a datagram to a path from a socketpair(2)"},
    {"abstract-connect", {&name}, probe_abstract_connect, "connect a stream socket to an abstract name"},
    {"signal", {&process}, probe_signal, "kill(PID, 0); outside is $HF_OUTSIDE_PID (no-outside-pid without)"},
    {"thread", {NULL}, probe_thread, "pthread_create(3) and pthread_join(3)"},
    {"socket", {&family, &type, &protocol}, probe_socket, "socket(2)"},
    {"syscall", {&call}, probe_syscall, "is this call let through to the kernel? (list below)"},
    {"try", {&attempt}, probe_try, "an attempt at getting out (list below): ok when it got through"},
    {"try-at", {&attempt, &path}, probe_try_at, "one that is made on a path"},
    {"try-between", {&attempt, &from, &to}, probe_try_between, "one that takes FROM to TO, and back"},
    {"through", {&other, &through, &path}, probe_through, "a call by another process, made to: read, write, execute, socket"},
    {"int80", {NULL}, probe_int80, "getpid by int $0x80 in a child: ok, errno, signal=N"},
    {"x32", {NULL}, probe_x32, "getpid by its x32 number in a child: ok, errno, signal=N"},
    {"http", {&host, &port}, probe_http, "GET / by CONNECT through $HTTPS_PROXY: http-200, no-proxy, errno ..."},
    {"http-why", {&host, &port}, probe_http_why, "what the proxy says failed: allowed, host, port, program, address, unsaid"},
    {"request", {&method, &url}, probe_request, "one for an http:// address, by the proxy: allowed, or what failed as above"},
    {"caps", {NULL}, probe_caps, "`none`, or the capability sets that are not empty"},
    {"nnp", {NULL}, probe_nnp, "no_new_privs: 0 or 1"},
    {"id", {NULL}, probe_id, "uid:gid:groups; real/effective/saved where they differ"},
    {"env", {&name}, probe_env, "the variable's value, percent-encoded, or `unset`"},
    {"proxy-env", {&name}, probe_proxy_env, "the address of the proxy in the variable, `unset`, or `bad-proxy`"},
    {"fds", {NULL}, probe_fds, "ok when 0, 1, 2 alone are open, else the others"},
    {"interface-up", {NULL}, probe_interface_up, "set the flags of the first network interface to what they are"},
    {"netns-interfaces", {NULL}, probe_netns_interfaces, "names of the network interfaces"},
};

static void print_help(FILE *stream)
{
    fputs(
        "usage: hf-probe SPEC...\n"
        "       hf-probe --control FILE SPEC... -- COMMAND...\n"
        "\n"
        "A SPEC is one argument, \"ID KIND ARG...\", its fields parted by single spaces and percent-encoded (%20 is a\n"
        "space, %00 an empty field). For each, in order, the line \"ID RESULT\": ok, the errno's name, or as below.\n"
        "With --control the lines go to FILE, and COMMAND is executed then.\n"
        "\n"
        "kinds:\n",
        stream);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        int width = fprintf(stream, "  %s", kinds[i].name);

        for (int j = 0; j < PROBE_ARGUMENTS_MAX && kinds[i].arguments[j]; j++)
            width += fprintf(stream, " %s", kinds[i].arguments[j]->name);
        fprintf(stream, "%*s%s\n", width < 28 ? 28 - width : 1, "", kinds[i].usage);
    }
    fputs("\n"
          "calls for `syscall`, made in a child; ok when the kernel took it, or refused it as it should:\n",
          stream);
    probe_syscall_help(stream);
    fputs("\nattempts, for `try`, `try-at` and `try-between`:\n", stream);
    probe_attempt_help(stream);
    fputs("\n"
          "exit status: 0 whatever the results; 1 they could not be written, or COMMAND not executed; 2 a malformed SPEC (nothing\n"
          "was tried)\n",
          stream);
}

/* Runs one probe and prints its line. The answer is gathered first, so that a line is whole or not there. */
static bool probe(const struct probe_spec *spec, FILE *lines)
{
    hf_autofree char *text = NULL;
    size_t length = 0;
    FILE *answer = open_memstream(&text, &length);
    int errnum;

    if (!answer)
        return false;
    errnum = spec->kind->run(spec->arguments, answer);
    if (fclose(answer) != 0)
        return false;
    fprintf(lines, "%s %s\n", spec->id, length ? text : errnum ? probe_errno_name(errnum) : "ok");
    return fflush(lines) == 0;
}

/* Parses them all, so that a malformed one is told before anything was tried. */
static bool parse(char **texts, size_t count, struct probe_spec *specs)
{
    char problem[512];
    bool sound = true;

    for (size_t i = 0; i < count; i++) {
        hf_autofree char *given = strdup(texts[i]);

        if (probe_spec_parse(texts[i], kinds, ARRAY_SIZE(kinds), &specs[i], problem, sizeof(problem)))
            continue;
        fprintf(stderr, "hf-probe: spec %zu, '%s': %s\n", i + 1, given ? given : "", problem);
        sound = false;
    }
    return sound;
}

/* One after the other, in the order that they were given in. */
static int probe_all(char **texts, size_t count, FILE *lines)
{
    hf_autofree struct probe_spec *specs = calloc(count, sizeof(*specs));

    if (!specs) {
        perror("hf-probe: no memory for the specs");
        return STATUS_FAILED;
    }
    if (!parse(texts, count, specs))
        return STATUS_USAGE;
    for (size_t i = 0; i < count; i++) {
        if (!probe(&specs[i], lines)) {
            fprintf(stderr, "hf-probe: the result of '%s' could not be written: %s\n", specs[i].id, strerror(errno));
            return STATUS_FAILED;
        }
    }
    return STATUS_OK;
}

/* What the same probes do where nothing is in the way; then comes what puts something there. */
static int control(char **arguments)
{
    size_t count = 0;
    FILE *lines;
    int status;

    while (arguments[0] && arguments[1 + count] && strcmp(arguments[1 + count], "--") != 0)
        count++;
    if (count == 0 || !arguments[1 + count] || !arguments[2 + count]) {
        fputs("hf-probe: --control takes FILE SPEC... -- COMMAND...; see hf-probe --help\n", stderr);
        return STATUS_USAGE;
    }
    lines = fopen(arguments[0], "we");
    if (!lines) {
        fprintf(stderr, "hf-probe: cannot write %s: %s\n", arguments[0], strerror(errno));
        return STATUS_FAILED;
    }
    status = probe_all(arguments + 1, count, lines);
    if (fclose(lines) != 0 || status != STATUS_OK)
        return status == STATUS_OK ? STATUS_FAILED : status;
    execvp(arguments[2 + count], arguments + 2 + count);
    fprintf(stderr, "hf-probe: cannot execute %s: %s\n", arguments[2 + count], strerror(errno));
    return STATUS_FAILED;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return STATUS_OK;
    }
    if (argc < 2) {
        fputs("hf-probe: no spec given; see hf-probe --help\n", stderr);
        return STATUS_USAGE;
    }
    return strcmp(argv[1], "--control") == 0 ? control(argv + 2) : probe_all(argv + 1, (size_t)argc - 1, stdout);
}
