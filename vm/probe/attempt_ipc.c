/* Attempts on what processes outside talk by: System V objects, POSIX queues, sockets. `hf-bait` (vm/bait.c) has made
 * those that are looked for here. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bait.h"
#include "probe.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* include/uapi/asm-generic/socket.h, Linux 6.5 */
#endif

static int answer_of(long result)
{
    return result < 0 ? errno : 0;
}

static int shared_memory(char *const *arguments)
{
    const int id = shmget(BAIT_KEY, 0, 0);
    char *memory = id < 0 ? NULL : shmat(id, NULL, 0);

    (void)arguments;
    if (id < 0 || memory == (char *)-1)
        return errno;
    return strcmp(memory, BAIT_TEXT) == 0 ? 0 : ENODATA;
}

static int shared_memory_by_number(char *const *arguments)
{
    (void)arguments;
    for (int id = 0; id < 64; id++) {
        const char *memory = shmat(id, NULL, SHM_RDONLY);

        if (memory != (const char *)-1)
            return 0;
    }
    return errno;
}

static int semaphores(char *const *arguments)
{
    const int id = semget(BAIT_KEY, 0, 0);

    (void)arguments;
    return id < 0 ? errno : answer_of(semctl(id, 0, GETVAL));
}

static int message_queue(char *const *arguments)
{
    const int id = msgget(BAIT_KEY, 0);
    struct msqid_ds status;

    (void)arguments;
    return id < 0 ? errno : answer_of(msgctl(id, IPC_STAT, &status));
}

static int posix_queue(char *const *arguments)
{
    hf_autoclose int queue = mq_open(BAIT_QUEUE, O_RDWR);

    (void)arguments;
    return answer_of(queue);
}

/* shm_open(3) opens a file in /dev/shm: it is the lists of files that count. */
static int posix_memory(char *const *arguments)
{
    hf_autoclose int fd = shm_open(BAIT_QUEUE, O_RDWR, 0);

    (void)arguments;
    return answer_of(fd);
}

static int connect_to(const char *path, int type, int *result)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    hf_autoclose int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
        return fd < 0 ? errno : ENAMETOOLONG;
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return errno;
    *result = hf_steal(fd, -1);
    return 0;
}

static int socket_of_a_service(char *const *arguments)
{
    hf_autoclose int fd = -1;

    return connect_to(arguments[0], SOCK_STREAM, &fd);
}

/* By a name that is another than the policy's or the file's: from its own directory. */
static int socket_from_its_directory(char *const *arguments)
{
    hf_autofree char *folder = strdup(arguments[0]);
    char *const last = folder ? strrchr(folder, '/') : NULL;
    hf_autoclose int fd = -1;

    if (!last)
        return EINVAL;
    *last = '\0';
    return chdir(folder) < 0 ? errno : connect_to(last + 1, SOCK_STREAM, &fd);
}

/* What a process outside has open comes in over its socket (unix(7), SCM_RIGHTS). */
static int descriptor_from_outside(char *const *arguments)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {{0}};
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    hf_autoclose int fd = -1, passed = -1;
    const int errnum = connect_to(arguments[0], SOCK_STREAM, &fd);

    if (errnum)
        return errnum;
    if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) < 0)
        return errno;
    if (!CMSG_FIRSTHDR(&message) || control.header.cmsg_type != SCM_RIGHTS)
        return ENODATA;
    memcpy(&passed, CMSG_DATA(&control.header), sizeof(passed));
    return read(passed, &byte, 1) == 1 ? 0 : errno;
}

/* A pidfd of whoever listens there, and a signal by that. */
static int signal_to_the_peer(char *const *arguments)
{
    hf_autoclose int fd = -1, peer = -1;
    socklen_t size = sizeof(peer);
    const int errnum = connect_to(arguments[0], SOCK_STREAM, &fd);

    if (errnum)
        return errnum;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &peer, &size) < 0)
        return errno;
    return answer_of(syscall(SYS_pidfd_send_signal, peer, 0, NULL, 0));
}

const struct probe_attempt probe_attempts_ipc[] = {
    {"shared-memory", shared_memory, "read a System V segment of the outside by its key", true},
    {"shared-memory-by-number", shared_memory_by_number, "attach to any that there is", true},
    {"semaphores", semaphores, "a semaphore set of the outside", false},
    {"message-queue", message_queue, "a System V message queue of the outside", false},
    {"posix-queue", posix_queue, "a POSIX message queue of the outside", false},
    {"posix-memory", posix_memory, "a POSIX shared memory object of the outside, which is a file", false},
    {"service-socket", socket_of_a_service, "connect to a service's socket", false},
    {"service-socket-by-directory", socket_from_its_directory, "the same, from its directory", true},
    {"descriptor-from-outside", descriptor_from_outside, "read by a descriptor that the service sends (SCM_RIGHTS)", false},
    {"signal-to-the-peer", signal_to_the_peer, "a signal to the service by SO_PEERPIDFD", false},
    {NULL, NULL, NULL, false},
};
