/* See porter.h. One that is not as it should be answers nobody, and so nobody is let out. */
#include "launch/porter.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launch/confine.h"
#include "launch/descriptors.h"

static _Noreturn void be_porter(const struct hf_launch *launch, struct hf_inside *inside, struct hf_who *who, int door)
{
    int *const kept[] = {&door, &inside->sockets, &inside->processes};
    struct hf_error error;

    if (!hf_descriptors_close_others(kept, sizeof(kept) / sizeof(kept[0]), &error) ||
        !hf_descriptors_leave_streams(STDERR_FILENO) || !hf_confine(HF_OWN_PORTER, launch, -1, &error))
        _exit(125);
    hf_who_answer(who, launch->policy, door);
    _exit(0);
}

pid_t hf_porter_start(const struct hf_launch *launch, struct hf_inside *inside, struct hf_who *who, int *door,
                      struct hf_error *error)
{
    int ends[2];
    pid_t porter;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "socketpair");
        return -1;
    }
    porter = fork();
    if (porter == 0)
        be_porter(launch, inside, who, ends[1]);
    close(ends[1]);
    *door = ends[0];
    if (porter > 0)
        return porter;
    hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "fork");
    close(ends[0]);
    return -1;
}
