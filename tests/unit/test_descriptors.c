/* What is closed before a start and kept, with and without close_range(2), and which standard streams are refused.
 * Each in a child, which has descriptors of its own to lose. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer.h"
#include "launch/descriptors.h"
#include "so.h"

#define MOST 200
#define NONE (-1)

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static ino_t inode_of(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static int kept_are_moved(int call_denied)
{
    int pipes[4][2], missing = -1;
    int *const kept[] = {&pipes[3][1], &missing, &pipes[0][0], &pipes[1][1]};
    ino_t wanted[3], streams[3];
    struct hf_error error;

    for (int fd = 0; fd < 3; fd++)
        streams[fd] = inode_of(fd);
    for (int i = 0; i < 4; i++)
        SO(pipe(pipes[i]) == 0);
    for (int i = 0; i < 100; i++)
        SO(dup(STDERR_FILENO) >= 0);
    SO(dup2(STDERR_FILENO, MOST - 1) == MOST - 1);
    wanted[0] = inode_of(pipes[3][1]), wanted[1] = inode_of(pipes[0][0]), wanted[2] = inode_of(pipes[1][1]);
    if (call_denied != NONE)
        SO(answer(call_denied, ENOSYS));
    SO(hf_descriptors_close_others(kept, 4, &error));
    SO(missing == -1);
    SO(pipes[3][1] == 3 && pipes[0][0] == 4 && pipes[1][1] == 5);
    for (int i = 0; i < 3; i++) {
        SO(inode_of(i) == streams[i] && fcntl(i, F_GETFD) == 0);
        SO(inode_of(3 + i) == wanted[i] && fcntl(3 + i, F_GETFD) == FD_CLOEXEC);
    }
    for (int fd = 6; fd < MOST; fd++)
        SO(!is_open(fd));
    return 0;
}

static void all_others_are_closed(void **state)
{
    (void)state;
    in_a_child(kept_are_moved, NONE);
    in_a_child(kept_are_moved, SYS_close_range); /* before Linux 5.9 */
}

static int none_is_kept(int call_denied)
{
    struct hf_error error;

    SO(dup2(STDERR_FILENO, 3) == 3 && dup2(STDERR_FILENO, 4) == 4);
    if (call_denied != NONE)
        SO(answer(call_denied, ENOSYS));
    SO(hf_descriptors_close_others(NULL, 0, &error));
    SO(is_open(2) && !is_open(3) && !is_open(4));
    return 0;
}

static void none_need_be_kept(void **state)
{
    (void)state;
    in_a_child(none_is_kept, NONE);
    in_a_child(none_is_kept, SYS_close_range);
}

static int cannot_be_closed(int unused)
{
    struct hf_error error;

    (void)unused;
    SO(answer(SYS_close_range, ENOSYS) && answer(SYS_openat, EACCES));
    SO(!hf_descriptors_close_others(NULL, 0, &error));
    SO(error.id == HF_LAUNCH_FAILED && error.stage == HF_STAGE_LAUNCH && error.errnum == EACCES);
    return 0;
}

static int cannot_be_moved(int call)
{
    int ends[2];
    int *const kept[] = {&ends[0], &ends[1]};
    struct hf_error error;

    SO(pipe(ends) == 0);
    SO(answer(call, EMFILE));
    SO(!hf_descriptors_close_others(kept, 2, &error));
    SO(error.id == HF_LAUNCH_FAILED && error.errnum == EMFILE && strcmp(error.object, "moving descriptors") == 0);
    return 0;
}

static void what_stays_open_is_told(void **state)
{
    (void)state;
    in_a_child(cannot_be_closed, 0);
    in_a_child(cannot_be_moved, SYS_fcntl);
    in_a_child(cannot_be_moved, SYS_dup3);
}

enum kind { PIPE, CONNECTED, PACKETS, LISTENING, ALONE, DATAGRAMS, TCP, TCP_LISTENING, UDP, CLOSED, KINDS };

static int stream_of(enum kind kind)
{
    const struct sockaddr_in anywhere = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr_un here = {.sun_family = AF_UNIX};
    int fds[2] = {-1, -1};

    switch (kind) {
    case PIPE:
        return pipe(fds) == 0 ? fds[0] : -1;
    case CONNECTED:
        return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0 ? fds[0] : -1;
    case PACKETS:
        return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) == 0 ? fds[0] : -1;
    case LISTENING:
        fds[0] = socket(AF_UNIX, SOCK_STREAM, 0);
        return bind(fds[0], (const struct sockaddr *)&here, sizeof(sa_family_t)) == 0 && listen(fds[0], 1) == 0 ? fds[0] : -1;
    case ALONE:
        return socket(AF_UNIX, SOCK_STREAM, 0);
    case DATAGRAMS:
        return socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0 ? fds[0] : -1;
    case TCP_LISTENING:
        fds[0] = socket(AF_INET, SOCK_STREAM, 0);
        return bind(fds[0], (const struct sockaddr *)&anywhere, sizeof(anywhere)) == 0 && listen(fds[0], 1) == 0 ? fds[0] : -1;
    case TCP:
        return socket(AF_INET, SOCK_STREAM, 0);
    case UDP:
        return socket(AF_INET, SOCK_DGRAM, 0);
    default:
        return -1;
    }
}

static int is_judged(int kind)
{
    static const bool refused[KINDS] = {[ALONE] = true, [DATAGRAMS] = true, [TCP] = true, [TCP_LISTENING] = true, [UDP] = true};
    static const char *const names[] = {"standard input", "standard output", "standard error"};
    const int fd = stream_of((enum kind)kind), told = fcntl(STDERR_FILENO, F_DUPFD, MOST);

    SO((fd >= 0) == (kind != CLOSED));
    for (int at = 0; at < 3; at++) {
        struct hf_error error;
        int pipes[2];

        for (int other = 0; other < 3; other++)
            SO(pipe(pipes) == 0 && dup2(pipes[0], other) == other);
        if (fd >= 0)
            SO(dup2(fd, at) == at);
        else
            close(at);
        SO(hf_descriptors_check_streams(&error) == !refused[kind]);
        if (refused[kind])
            SO(error.id == HF_STREAM_IS_A_SOCKET && error.errnum == 0 && strcmp(error.object, names[at]) == 0);
    }
    return dup2(told, STDERR_FILENO) != STDERR_FILENO;
}

static void a_stream_by_which_one_gets_out_is_refused(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        in_a_child(is_judged, kind);
}

static int are_left(int last)
{
    const int told = fcntl(STDERR_FILENO, F_DUPFD, MOST);
    struct stat status;
    int pipes[2];

    for (int fd = 0; fd < 3; fd++)
        SO(pipe(pipes) == 0 && dup2(pipes[0], fd) == fd);
    SO(hf_descriptors_leave_streams(last));
    for (int fd = 0; fd < 3; fd++) {
        SO(fstat(fd, &status) == 0);
        SO((S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) == (fd <= last));
        SO(fd > last || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
    }
    return dup2(told, STDERR_FILENO) != STDERR_FILENO;
}

static int cannot_be_left(int call)
{
    SO(answer(call, EACCES));
    SO(!hf_descriptors_leave_streams(STDIN_FILENO) && errno == EACCES);
    return 0;
}

static void streams_up_to_one_are_left(void **state)
{
    (void)state;
    for (int last = 0; last < 3; last++)
        in_a_child(are_left, last);
    in_a_child(cannot_be_left, SYS_openat);
    in_a_child(cannot_be_left, SYS_dup2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_others_are_closed),
        cmocka_unit_test(none_need_be_kept),
        cmocka_unit_test(what_stays_open_is_told),
        cmocka_unit_test(a_stream_by_which_one_gets_out_is_refused),
        cmocka_unit_test(streams_up_to_one_are_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
