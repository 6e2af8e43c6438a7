/* See socket.h. */
#include "control/socket.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/cleanup.h"

#define BACKLOG 8
#define PATIENCE_SECONDS 10

bool hf_control_name(pid_t run, char name[static HF_CONTROL_NAME_MAX])
{
    struct stat space;

    if (stat("/proc/self/ns/pid", &space) < 0)
        return false;
    snprintf(name, HF_CONTROL_NAME_MAX, HF_CONTROL_PREFIX "%lu/%d", (unsigned long)space.st_ino, (int)run);
    return true;
}

/* 0 with errno. */
static socklen_t address_of(pid_t run, struct sockaddr_un *address)
{
    char name[HF_CONTROL_NAME_MAX];

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (!hf_control_name(run, name))
        return 0;
    memcpy(address->sun_path + 1, name, strlen(name));
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

int hf_control_listen(void)
{
    hf_autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_un address;
    const socklen_t size = address_of(getpid(), &address);

    if (fd < 0 || !size || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0)
        return -1;
    return hf_steal(fd, -1);
}

int hf_control_connect(pid_t run)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    hf_autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address;
    const socklen_t size = address_of(run, &address);

    if (fd < 0 || !size || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
        connect(fd, (struct sockaddr *)&address, size) < 0)
        return -1;
    return hf_steal(fd, -1);
}

/* A socket that listens has this flag (SO_ACCEPTCON), and the connections that it accepted have its name. */
#define LISTENS 0x10000

/* The run that a row is of, "ADDRESS: REFERENCES PROTOCOL FLAGS TYPE STATE INODE @NAME"; 0: it is none. */
static int run_of(const char *row, const char *prefix)
{
    unsigned flags;
    int at = 0, run = 0;

    if (sscanf(row, "%*s %*x %*x %x %*x %*x %*u @%n", &flags, &at) != 1 || !at || !(flags & LISTENS) ||
        strncmp(row + at, prefix, strlen(prefix)) != 0)
        return 0;
    return sscanf(row + at + strlen(prefix), "%d", &run) == 1 && run > 0 ? run : 0;
}

size_t hf_control_list(int *runs, size_t most)
{
    FILE *rows = fopen("/proc/self/net/unix", "re");
    char prefix[HF_CONTROL_NAME_MAX], row[256];
    size_t count = 0;
    int run;

    if (!rows)
        return 0;
    if (hf_control_name(0, prefix)) {
        prefix[strlen(prefix) - 1] = '\0'; /* without the number */
        while (fgets(row, sizeof(row), rows))
            if ((run = run_of(row, prefix))) {
                if (count < most)
                    runs[count] = run;
                count++;
            }
    }
    fclose(rows);
    return count;
}

bool hf_control_peer(int fd, pid_t *process, uid_t *user)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return false;
    *process = peer.pid;
    *user = peer.uid;
    return true;
}
