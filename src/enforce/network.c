/* Making the network namespace: loopback only, no veth, no route, nothing to leak through (network_namespaces(7)). */
#include "enforce/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

static bool write_file(const char *path, const char *text, struct hf_error *error)
{
    hf_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);
    const size_t length = strlen(text);

    if (fd < 0 || write(fd, text, length) != (ssize_t)length)
        return hf_fail(error, HF_NAMESPACE_UNAVAILABLE, HF_STAGE_NAMESPACE, errno, "%s", path);
    return true;
}

/* user_namespaces(7): an unprivileged process may map its own ids alone, and its groups only after setgroups is denied. */
static bool map_ids(uid_t uid, gid_t gid, struct hf_error *error)
{
    char uid_map[64], gid_map[64];

    snprintf(uid_map, sizeof(uid_map), "%u %u 1\n", uid, uid);
    snprintf(gid_map, sizeof(gid_map), "%u %u 1\n", gid, gid);
    return write_file("/proc/self/setgroups", "deny", error) && write_file("/proc/self/uid_map", uid_map, error) &&
           write_file("/proc/self/gid_map", gid_map, error);
}

static bool bring_loopback_up(struct hf_error *error)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    hf_autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return hf_fail(error, HF_NETWORK_FAILED, HF_STAGE_NETWORK, errno, "bringing lo up");
    return true;
}

bool hf_network_enter(bool privileged, struct hf_error *error)
{
    const uid_t uid = geteuid();
    const gid_t gid = getegid();

    if (unshare(privileged ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return hf_fail(error, HF_NAMESPACE_UNAVAILABLE, HF_STAGE_NAMESPACE, errno, "%s",
                       privileged ? "unshare(CLONE_NEWNET)" : "unshare(CLONE_NEWUSER | CLONE_NEWNET)");
    return (privileged || map_ids(uid, gid, error)) && bring_loopback_up(error);
}

int hf_network_listen(uint16_t *port, struct hf_error *error)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    hf_autoclose int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, length) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        hf_fail(error, HF_NETWORK_FAILED, HF_STAGE_NETWORK, errno, "the proxy's socket");
        return -1;
    }
    *port = ntohs(address.sin_port);
    return hf_steal(fd, -1);
}
