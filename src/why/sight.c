#include "why/sight.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "enforce/command.h"
#include "enforce/elf.h"
#include "why/denied.h"
#include "why/remote.h"
#include "why/walk.h"

/* The process that a sighting is of. */
struct who {
    struct hf_observer *observer;
    pid_t pid;
    struct hf_ids ids;
    bool has_credentials;
    char name[16];
};

static struct who who_is(struct hf_observer *observer, pid_t pid)
{
    struct who who = {.observer = observer, .pid = pid};

    /* Of the command's execve this process stands in for it, and of one that is gone nobody does. */
    who.has_credentials = hf_remote_ids(pid, &who.ids) && pid != getpid();
    hf_remote_name(pid, who.name);
    return who;
}

static void tell(const struct who *who, struct hf_sighting *sighting)
{
    sighting->process = who->name;
    sighting->number = who->ids.number;
    who->observer->sight(who->observer, sighting);
}

static void tell_place(const struct who *who, const struct hf_place *place, uint64_t access)
{
    struct hf_sighting sighting = {.path = place->path, .access = access};
    char barred[PATH_MAX + 64];

    sighting.verdict = hf_judge_place(who->observer->plan, who->observer->prepared, place, access);
    if (who->has_credentials && hf_judge_mode(&who->ids.credentials, place, access, barred, sizeof(barred)))
        sighting.barred = barred;
    tell(who, &sighting);
}

/* The directory that what was looked up stands in, be it there or not. `path` is room for its path. */
static struct hf_place parent_of(const struct hf_walk *walk, char path[PATH_MAX])
{
    const size_t length = (size_t)(strrchr(walk->path, '/') - walk->path);

    memcpy(path, walk->path, length ? length : 1);
    path[length ? length : 1] = '\0';
    return (struct hf_place){.path = path,
                             .proc = walk->proc,
                             .steps = walk->steps,
                             .step_count = walk->step_count - (walk->exists && walk->step_count > 1 ? 1 : 0)};
}

static void tell_need(const struct who *who, const struct hf_walk *walk, const struct hf_need *need)
{
    char path[PATH_MAX];
    const struct hf_place itself = {
        .path = walk->path, .proc = walk->proc, .steps = walk->steps, .step_count = walk->step_count};
    const struct hf_place place = need->on_parent ? parent_of(walk, path) : itself;

    tell_place(who, &place, need->access);
}

static void tell_program(const struct who *who, const char *path, int depth);

/* What the kernel itself opens to execute a file: a script's interpreter, an ELF file's loader (execve(2)). By the
 * descriptor of a file that is regular: the sandbox must not make this process open what it likes. */
static void tell_interpreters(const struct who *who, int fd, int depth)
{
    char file[64], line[HF_SCRIPT_LINE], *interpreter, *argument;
    struct hf_elf elf;

    snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
    if (hf_script_read(file, line, &interpreter, &argument)) {
        tell_program(who, interpreter, depth + 1);
    } else if (hf_elf_read(file, &elf)) {
        if (elf.interpreter)
            tell_program(who, elf.interpreter, HF_CHAIN_MOST);
        hf_elf_free(&elf);
    }
}

static void tell_program(const struct who *who, const char *path, int depth)
{
    const struct hf_need need = {.access = HF_FS_EXECUTE | HF_FS_READ_FILE};
    struct hf_walk walk;

    hf_walk(who->pid, AT_FDCWD, path, true, &walk);
    if (walk.known && walk.exists && S_ISREG(walk.mode)) {
        tell_need(who, &walk, &need);
        if (depth < HF_CHAIN_MOST)
            tell_interpreters(who, walk.fd, depth);
    }
    if (walk.fd >= 0)
        close(walk.fd);
}

/* One that is not there, and whose directory or one above it is not, either. */
static void tell_absent(const struct who *who, const struct hf_walk *walk)
{
    struct hf_sighting sighting = {.path = walk->path};

    tell(who, &sighting);
}

static bool same_directory(const struct hf_walk walks[2])
{
    const size_t left = walks[0].step_count - walks[0].exists, right = walks[1].step_count - walks[1].exists;

    return left == right && left && walks[0].steps[left - 1].dev == walks[1].steps[right - 1].dev &&
           walks[0].steps[left - 1].ino == walks[1].steps[right - 1].ino;
}

static void tell_needs(const struct who *who, const struct hf_call *call, const struct hf_walk walks[2])
{
    const struct hf_found found[2] = {{walks[0].exists, walks[0].mode & S_IFMT},
                                      {walks[1].exists, walks[1].mode & S_IFMT}};
    struct hf_need needs[HF_NEEDS_MAX];
    const size_t count = hf_call_needs(call, found, call->path_count == 2 && same_directory(walks), needs);

    for (size_t i = 0; i < count; i++)
        if (needs[i].on_parent ? walks[needs[i].which].parent : walks[needs[i].which].exists)
            tell_need(who, &walks[needs[i].which], &needs[i]);
    if (count == 0 && call->path_count && !walks[0].exists)
        tell_absent(who, &walks[0]);
    if (call->kind == HF_CALL_EXECUTE && count)
        tell_interpreters(who, walks[0].fd, 0);
}

static bool sight_paths(const struct who *who, struct hf_reached *reached)
{
    const struct hf_call *call = &reached->call;
    struct hf_walk walks[2] = {{.fd = -1}, {.fd = -1}};
    bool known = true;

    for (size_t i = 0; i < call->path_count; i++) {
        hf_walk(who->pid, call->path[i].dirfd, reached->text[i], hf_call_follows(call, i), &walks[i]);
        known = known && walks[i].known;
    }
    if (known)
        tell_needs(who, call, walks);
    for (size_t i = 0; i < call->path_count; i++)
        if (walks[i].fd >= 0)
            close(walks[i].fd);
    return true;
}

/* A socket with a name in the file system is a path, an abstract or unnamed one nothing that a policy speaks of. */
static bool sight_unix(const struct who *who, struct hf_reached *reached)
{
    const size_t offset = offsetof(struct sockaddr_un, sun_path);
    const size_t length = reached->address_length > offset ? reached->address_length - offset : 0;

    if (length == 0 || !reached->address.path.sun_path[0])
        return true;
    snprintf(reached->text[0], sizeof(reached->text[0]), "%.*s", (int)length, reached->address.path.sun_path);
    reached->call.path[0] = (struct hf_path_argument){.dirfd = AT_FDCWD};
    reached->call.path_count = 1;
    return sight_paths(who, reached);
}

static void tell_barrier(enum hf_barrier barrier, bool binds, struct hf_sighting *sighting)
{
    if (barrier == HF_BARRIER_NONE)
        return;
    sighting->by = barrier == HF_BARRIER_LANDLOCK ? "landlock, which grants no port"
                                                  : "the network namespace, in which there is loopback alone";
    sighting->remedy = binds
                           ? "no policy can"
                           : "name host and port in network_policies, and have the command use the proxy (HTTPS_PROXY)";
}

static void sight_address(const struct who *who, const struct hf_reached *reached)
{
    const struct sockaddr *address = &reached->address.any;
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;
    const bool binds = reached->call.kind == HF_CALL_BIND;
    struct hf_sighting sighting = {.act = binds ? "bind to" : "connect to"};
    char number[INET6_ADDRSTRLEN] = "", words[INET6_ADDRSTRLEN + 16];

    if (reached->address_length < sizeof(*four) ||
        (address->sa_family == AF_INET6 && reached->address_length < sizeof(*six)))
        return;
    inet_ntop(address->sa_family, address->sa_family == AF_INET ? (const void *)&four->sin_addr : &six->sin6_addr,
              number, sizeof(number));
    snprintf(words, sizeof(words), "%s port %u", number,
             ntohs(address->sa_family == AF_INET ? four->sin_port : six->sin6_port));
    sighting.path = words;
    tell_barrier(hf_judge_address(who->observer->plan, address,
                                  hf_remote_socket_type(who->ids.group, reached->call.socket), binds),
                 binds, &sighting);
    tell(who, &sighting);
}

bool hf_sight(struct hf_observer *observer, struct hf_reached *reached)
{
    const struct who who = who_is(observer, reached->pid);

    if (reached->call.kind != HF_CALL_CONNECT && reached->call.kind != HF_CALL_BIND)
        return sight_paths(&who, reached);
    if (reached->address_length < sizeof(sa_family_t))
        return true;
    if (reached->address.any.sa_family == AF_UNIX)
        return sight_unix(&who, reached);
    if (reached->address.any.sa_family == AF_INET || reached->address.any.sa_family == AF_INET6)
        sight_address(&who, reached);
    return true;
}

void hf_sight_denied(struct hf_observer *observer, pid_t pid, const struct seccomp_data *data)
{
    const struct who who = who_is(observer, pid);
    char name[64];
    struct hf_sighting sighting = {.path = name,
                                   .act = "call",
                                   .by = "the filter of system calls",
                                   .remedy = hf_denied_remedy(data, observer->plan)};

    hf_denied_name(data, name, sizeof(name));
    tell(&who, &sighting);
}
