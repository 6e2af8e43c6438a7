/* Both descriptors belong to the namespaces that they were opened in, whoever uses them: the netlink socket asks for
 * the sockets of its own network namespace (sock_diag(7)), and the folder shows the processes of the namespace that
 * this /proc was mounted for, under the numbers that they have there (proc(5)). So neither the host's /proc nor its
 * processes are looked at. */
#include "who/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

bool hf_inside_open(struct hf_inside *inside, struct hf_error *error)
{
    inside->sockets = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    inside->processes = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (inside->processes >= 0)
        return true;
    hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "/proc");
    if (inside->sockets >= 0)
        close(inside->sockets);
    return false;
}

void hf_inside_close(struct hf_inside *inside)
{
    if (inside->sockets >= 0)
        close(inside->sockets);
    if (inside->processes >= 0)
        close(inside->processes);
    *inside = (struct hf_inside){-1, -1};
}
