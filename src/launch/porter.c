/* See porter.h. */
#include "launch/porter.h"

#include <errno.h>
#include <unistd.h>

#include "launch/channel.h"
#include "launch/confine.h"
#include "launch/descriptors.h"

static bool prepare(int *const *kept, size_t count, const struct hf_launch *launch, struct hf_error *error)
{
    if (!hf_descriptors_close_others(kept, count, error))
        return false;
    if (!hf_descriptors_leave_streams(STDERR_FILENO))
        return hf_fail(error, HF_PROXY_FAILED, HF_STAGE_PROXY, errno, "/dev/null");
    return hf_confine(HF_OWN_PORTER, launch, -1, error);
}

static _Noreturn void be_porter(const struct hf_launch *launch, struct hf_inside *inside, struct hf_who *who, int door)
{
    int *const kept[] = {&door, &inside->sockets, &inside->processes};
    struct hf_error error;
    struct hf_message word = {.kind = HF_MESSAGE_PROXY_UP, .error = &error};

    if (!prepare(kept, sizeof(kept) / sizeof(kept[0]), launch, &error))
        word.kind = HF_MESSAGE_FAILED;
    if (!hf_channel_send(door, &word, -1) || word.kind == HF_MESSAGE_FAILED)
        _exit(125);
    hf_who_answer(who, door);
    _exit(0);
}

pid_t hf_porter_start(const struct hf_launch *launch, struct hf_inside *inside, struct hf_who *who, int *door,
                      struct hf_error *error)
{
    int ends[2];
    pid_t porter;

    if (!hf_channel_open(ends)) {
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
