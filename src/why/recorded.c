/* From the kernel's record of a denial to what is told of it. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "why/remote.h"
#include "why/sight.h"
#include "why/walk.h"

/* Denials that are of no file. Those of ports are seen as calls. */
static const struct {
    const char *blocker, *act, *path;
} others[] = {
    {"scope.signal", "send a signal to", "a process outside"},
    {"scope.abstract_unix_socket", "connect to", "an abstract socket of the outside"},
    {"ptrace", "trace", "a process outside"},
};

static void tell_other(struct hf_observer *observer, const char *blocker, struct hf_sighting *sighting)
{
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(blocker, others[i].blocker) == 0) {
            sighting->act = others[i].act;
            sighting->path = others[i].path;
            sighting->by = "landlock";
            sighting->remedy = "no policy can";
            observer->sight(observer, sighting);
        }
}

void hf_sight_record(struct hf_observer *observer, const struct hf_record *record)
{
    struct hf_sighting sighting = {
        .process = record->process, .path = record->path, .access = record->rights, .recorded = true};
    struct hf_place place = {.path = record->path};
    struct hf_walk walk;
    struct hf_ids ids;

    if (hf_remote_ids(record->pid, &ids))
        sighting.number = ids.number;
    if (!record->rights) {
        tell_other(observer, record->other, &sighting);
        return;
    }
    hf_walk(getpid(), AT_FDCWD, record->path, true, &walk);
    if (walk.known && walk.exists)
        place = (struct hf_place){
            .path = record->path, .proc = walk.proc, .steps = walk.steps, .step_count = walk.step_count};
    if (walk.fd >= 0)
        close(walk.fd);
    sighting.verdict = hf_judge_place(observer->plan, observer->prepared, &place, record->rights);
    sighting.verdict.missing = record->rights;
    observer->sight(observer, &sighting);
}
