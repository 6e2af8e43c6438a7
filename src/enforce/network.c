/* The inside of the network namespace: loopback only, no veth, no route, nothing to leak through (network_namespaces(7)). */
#include "enforce/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

bool hf_network_bring_up(struct hf_error *error)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    hf_autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return hf_fail(error, HF_NETWORK_FAILED, HF_STAGE_NETWORK, errno, "bringing lo up");
    return true;
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
