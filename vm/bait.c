/* hf-bait: makes things of the outside that attempts inside look for, runs a command, and takes them away again:
 *
 *   ipc          System V memory, semaphores and queue, a POSIX queue and a POSIX memory object
 *   service      service.sock in the working directory; whoever connects is sent a descriptor
 *   terminal     a terminal of the command's own session as its standard input
 *   descriptors  secret/file of the working directory as descriptors 3, 1500 and 2048, left open over exec
 *   directory    the directory secret as standard input
 *   programs     copies of hf-probe in the working directory: secret/probe, programs/setuid (of root), programs/capable
 *                (with capabilities) and programs/plain (which nobody may execute); and then the command is run as uid
 *                1000, whose the working directory is */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <mqueue.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "bait.h"

#define SERVICE "service.sock"
#define SECRET "secret/file"

#define PROBE "/usr/local/bin/hf-probe"
#define ORDINARY 1000

static const char usage[] = "usage: hf-bait ipc|service|terminal|descriptors|directory|programs[,...] COMMAND ARG...\n";

static bool make_ipc(void)
{
    const int memory = shmget(BAIT_KEY, 4096, IPC_CREAT | 0600);
    char *text = memory < 0 ? (char *)-1 : shmat(memory, NULL, 0);
    const mqd_t queue = mq_open(BAIT_QUEUE, O_RDWR | O_CREAT, 0600, NULL);
    const int file = shm_open(BAIT_QUEUE, O_RDWR | O_CREAT, 0600);

    if (text == (char *)-1 || queue < 0 || file < 0)
        return false;
    strcpy(text, BAIT_TEXT);
    return shmdt(text) == 0 && semget(BAIT_KEY, 1, IPC_CREAT | 0600) >= 0 && msgget(BAIT_KEY, IPC_CREAT | 0600) >= 0;
}

static void remove_ipc(void)
{
    shmctl(shmget(BAIT_KEY, 0, 0), IPC_RMID, NULL);
    semctl(semget(BAIT_KEY, 0, 0), 0, IPC_RMID);
    msgctl(msgget(BAIT_KEY, 0), IPC_RMID, NULL);
    mq_unlink(BAIT_QUEUE);
    shm_unlink(BAIT_QUEUE);
}

static void send_descriptor(int connection)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    char byte = '\n';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    const int file = open(SECRET, O_RDONLY | O_CLOEXEC);

    memcpy(CMSG_DATA(&control.header), &file, sizeof(file));
    sendmsg(connection, &message, MSG_NOSIGNAL);
    close(file);
    close(connection);
}

/* Goes down with the process that started it. */
static bool start_service(void)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = SERVICE};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const pid_t parent = getpid();
    int connection;
    pid_t pid;

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 16) < 0)
        return false;
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (getppid() == parent && (connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
            send_descriptor(connection);
        _exit(0);
    }
    close(fd);
    return pid > 0;
}

/* In the command's process. The terminal's other end stays with the parent. */
static bool take_terminal(int terminal)
{
    const int unlocked = 0;
    int number, fd;
    char path[32];

    if (ioctl(terminal, TIOCSPTLCK, &unlocked) < 0 || ioctl(terminal, TIOCGPTN, &number) < 0 || setsid() < 0)
        return false;
    snprintf(path, sizeof(path), "/dev/pts/%d", number);
    fd = open(path, O_RDWR); /* the first terminal that a session's leader opens becomes the session's */
    return fd >= 0 && dup2(fd, STDIN_FILENO) >= 0 && close(fd) == 0;
}

static bool leave_descriptors(void)
{
    static const int numbers[] = {3, 1500, 2048};
    const struct rlimit enough = {4096, 4096};
    const int fd = setrlimit(RLIMIT_NOFILE, &enough) < 0 ? -1 : open(SECRET, O_RDWR);

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (fd < 0 || dup2(fd, numbers[i]) < 0)
            return false;
    return fd == 3 || close(fd) == 0;
}

static bool sit_on_directory(void)
{
    const int fd = open("secret", O_RDONLY | O_DIRECTORY);

    return fd >= 0 && dup2(fd, STDIN_FILENO) >= 0 && close(fd) == 0;
}

static bool copy_probe(const char *path, mode_t mode)
{
    const int from = open(PROBE, O_RDONLY | O_CLOEXEC), to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    struct stat status;
    bool done = from >= 0 && to >= 0 && fstat(from, &status) == 0;

    done = done && sendfile(to, from, NULL, (size_t)status.st_size) == status.st_size && fchmod(to, mode) == 0;
    close(from);
    return close(to) == 0 && done;
}

static bool make_programs(void)
{
    const struct vfs_cap_data all = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
                                     .data = {{.permitted = 1U << CAP_NET_RAW}}};

    return mkdir("programs", 0755) == 0 && copy_probe("secret/probe", 0755) && copy_probe("programs/setuid", 04755) &&
           copy_probe("programs/capable", 0755) && copy_probe("programs/plain", 0644) &&
           setxattr("programs/capable", XATTR_NAME_CAPS, &all, XATTR_CAPS_SZ_2, 0) == 0 &&
           chown(".", ORDINARY, ORDINARY) == 0 && chown("work", ORDINARY, ORDINARY) == 0;
}

static bool be_ordinary(void)
{
    return setgroups(0, NULL) == 0 && setresgid(ORDINARY, ORDINARY, ORDINARY) == 0 &&
           setresuid(ORDINARY, ORDINARY, ORDINARY) == 0;
}

static bool wanted(const char *list, const char *name)
{
    const char *const found = strstr(list, name);

    return found && (found == list || found[-1] == ',') && (found[strlen(name)] == ',' || found[strlen(name)] == '\0');
}

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "hf-bait: %s: %s\n", what, strerror(errno));
    _exit(125);
}

static _Noreturn void become(const char *what, int terminal, char **command)
{
    if (wanted(what, "descriptors") && !leave_descriptors())
        fail("descriptors");
    if (terminal >= 0 && !take_terminal(terminal))
        fail("terminal");
    if (wanted(what, "directory") && !sit_on_directory())
        fail("directory");
    if (wanted(what, "programs") && !be_ordinary())
        fail("the user");
    execvp(command[0], command);
    fail(command[0]);
}

int main(int argc, char **argv)
{
    int terminal = -1, status = 0;
    pid_t pid;

    if (argc < 3) {
        fputs(usage, stderr);
        return 2;
    }
    if (wanted(argv[1], "terminal") && (terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
        fail("/dev/ptmx");
    if (wanted(argv[1], "ipc") && !make_ipc())
        fail("ipc");
    if (wanted(argv[1], "service") && !start_service())
        fail(SERVICE);
    if (wanted(argv[1], "programs") && !make_programs())
        fail("programs");
    pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0)
        become(argv[1], terminal, argv + 2);
    waitpid(pid, &status, 0);
    if (wanted(argv[1], "ipc"))
        remove_ipc();
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
