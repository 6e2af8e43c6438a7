/* witness SECRET READ_ONLY_FILE WORK_DIRECTORY MODE USER PORT SOCKET OUTSIDE_PID: the command of a run into which a fault was
 * put. It tries what the policy forbids and what it allows, and prints `held` and whether the proxy serves, or `open` and the
 * names of what was not as promised. A check that does not hold is made once more: the fault may have hit this process. `-` leaves a check out.
 * Static, so that it needs nothing but itself. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static const char *secret, *read_only, *work, *mode, *user, *port, *name, *outside;

static bool opens(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool no_new_privs(void) { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }

static bool denied_call(void) { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3 /* session */, 0) < 0 && errno == EPERM; }

static bool no_user_namespace(void) { return unshare(CLONE_NEWUSER) < 0 && errno == EPERM; }

static bool no_capability(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];

    if (syscall(SYS_capget, &header, sets) < 0)
        return false;
    for (int i = 0; i < 2; i++)
        if (sets[i].effective || sets[i].permitted || sets[i].inheritable)
            return false;
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
        if (prctl(PR_CAPBSET_READ, capability) != 0 || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability, 0, 0) != 0)
            return false;
    return true;
}

static bool identity(void)
{
    const uid_t uid = (uid_t)strtoul(user, NULL, 10);

    return getuid() == uid && geteuid() == uid && (uid == 0 || (getgid() != 0 && getegid() != 0 && getgroups(0, NULL) <= 1));
}

static bool secret_unread(void) { return *secret == '-' || !opens(secret, O_RDONLY); }

static bool secret_unwritten(void) { return *secret == '-' || !opens(secret, O_WRONLY); }

static bool read_only_read(void) { return *read_only == '-' || opens(read_only, O_RDONLY); }

static bool read_only_unwritten(void) { return *read_only == '-' || !opens(read_only, O_WRONLY); }

static bool read_only_untruncated(void) { return *read_only == '-' || truncate(read_only, 1) < 0; }

static bool read_only_unremoved(void) { return *read_only == '-' || unlink(read_only) < 0; }

static bool work_written(void)
{
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/made", work);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0 && unlink(path) == 0;
}

static bool udp_closed(void) { return strcmp(mode, "proxy") == 0 || socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0; }

static bool host_unreached(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool reached;

    if (fd < 0)
        return true;
    reached = strcmp(mode, "block") == 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return !reached;
}

/* An abstract socket is its network namespace's (unix(7)). */
static bool namespace_own(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool reached;

    if (fd < 0)
        return false;
    strncpy(address.sun_path + 1, name, sizeof(address.sun_path) - 2);
    reached = connect(fd, (struct sockaddr *)&address,
                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))) == 0;
    close(fd);
    return !reached;
}

static bool processes_own(void) { return getppid() == 1 && kill((pid_t)strtol(outside, NULL, 10), 0) < 0 && errno == ESRCH; }

static bool descriptors_closed(void)
{
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return false;
    return true;
}

static bool environment_kept(void) { return getenv("KEPT") && strcmp(mode, "proxy") == (getenv("HTTPS_PROXY") ? 0 : strcmp(mode, "proxy")); }

static bool signals_open(void)
{
    sigset_t blocked;
    struct sigaction action;

    return sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && !sigismember(&blocked, SIGTERM) && !sigismember(&blocked, SIGCHLD) &&
           sigaction(SIGTERM, NULL, &action) == 0 && action.sa_handler == SIG_DFL;
}

/* Whether somebody answers where the proxy is to be: one who dies while it is set up has a socket, and no words. */
static bool proxied(void)
{
    static const char request[] = "CONNECT denied.test:1 HTTP/1.1\r\nHost: denied.test:1\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char byte;
    bool answered;

    address.sin_port = htons((uint16_t)strtoul(strrchr(getenv("HTTPS_PROXY"), ':') + 1, NULL, 10));
    answered = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
               send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0 && recv(fd, &byte, 1, 0) == 1;
    close(fd);
    return answered;
}

static const char *held(void)
{
    return strcmp(mode, "block") == 0 ? "held\n" : proxied() ? "held, with the proxy\n" : "held, without the proxy\n";
}

static const struct {
    const char *name;
    bool (*holds)(void);
} checks[] = {
    {"no-new-privs", no_new_privs},
    {"denied-call", denied_call},
    {"user-namespace", no_user_namespace},
    {"capability", no_capability},
    {"identity", identity},
    {"secret-read", secret_unread},
    {"secret-written", secret_unwritten},
    {"read-only-unreadable", read_only_read},
    {"read-only-written", read_only_unwritten},
    {"read-only-truncated", read_only_untruncated},
    {"read-only-removed", read_only_unremoved},
    {"work-unwritable", work_written},
    {"udp", udp_closed},
    {"host-reached", host_unreached},
    {"namespace", namespace_own},
    {"processes", processes_own},
    {"descriptors", descriptors_closed},
    {"environment", environment_kept},
    {"signals", signals_open},
};

int main(int argc, char *argv[])
{
    char line[1024] = "";

    if (argc != 9)
        return 97;
    secret = argv[1], read_only = argv[2], work = argv[3], mode = argv[4];
    user = argv[5], port = argv[6], name = argv[7], outside = argv[8];
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        if (!checks[i].holds() && !checks[i].holds()) {
            strncat(line, " ", sizeof(line) - strlen(line) - 1);
            strncat(line, checks[i].name, sizeof(line) - strlen(line) - 1);
        }
    /* Twice for the same reason. */
    if (printf(line[0] ? "open%s\n" : "%s", line[0] ? line : held()) < 0 || (fflush(stdout) != 0 && fflush(stdout) != 0))
        return 97;
    return 42;
}
