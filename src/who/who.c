/* Who must not have the socket is looked at first and in full; of those who may, one that has it is enough. So a
 * program that has a thousand connections open asks for the next one at no greater cost (see `make bench`). */
#include "who/who.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "who/apart.h"
#include "who/name.h"
#include "who/peer.h"
#include "who/pin.h"
#include "who/process.h"

#define ANCESTORS 64

struct hf_who {
    const struct hf_inside *inside;
    const struct hf_policy *policy;
    char **resolved; /* where each exact path of each network's binaries led, in the policy's order; NULL: nowhere */
    struct hf_pins pins;
    int likely; /* the descriptor of the last socket found */
    int door;   /* to who finds it out; -1: this process */
};

struct hf_question {
    struct hf_who *who;
    struct hf_ends ends; /* where it is asked at a door, and nothing below counts: */
    bool is_asked;       /* once, there */
    uint64_t inode;
    struct hf_processes processes;
};

static size_t count_binaries(const struct hf_policy *policy, const struct hf_network_policy *before)
{
    size_t count = 0;

    for (const struct hf_network_policy *network = policy->networks; network < before; network++)
        count += network->binaries.count;
    return count;
}

static size_t count_all(const struct hf_policy *policy)
{
    return count_binaries(policy, policy->networks + policy->network_count);
}

static void free_resolved(char **resolved, size_t count)
{
    for (size_t i = 0; resolved && i < count; i++)
        free(resolved[i]);
    free(resolved);
}

/* Is it a path that was resolved already? *led is then to where; NULL: nowhere. */
static bool was_resolved(const struct hf_who *who, const char *path, const char **led)
{
    size_t at = 0;

    for (size_t i = 0; who->policy && i < who->policy->network_count; i++)
        for (size_t j = 0; j < who->policy->networks[i].binaries.count; j++, at++)
            if (strcmp(who->policy->networks[i].binaries.items[j].path, path) == 0) {
                *led = who->resolved[at];
                return true;
            }
    return false;
}

/* False where memory is out. */
static bool resolve(const struct hf_who *who, const char *path, char **resolved)
{
    const char *led;

    *resolved = NULL;
    if (hf_glob_is(path))
        return true;
    if (!was_resolved(who, path, &led)) {
        *resolved = realpath(path, NULL);
        return *resolved || errno != ENOMEM;
    }
    if (led)
        *resolved = strdup(led);
    return !led || *resolved;
}

static bool go_by(struct hf_who *who, const struct hf_policy *policy)
{
    char **resolved = calloc(count_all(policy) + 1, sizeof(*resolved));
    bool done = resolved;
    size_t at = 0;

    for (size_t i = 0; done && i < policy->network_count; i++)
        for (size_t j = 0; done && j < policy->networks[i].binaries.count; j++)
            done = resolve(who, policy->networks[i].binaries.items[j].path, &resolved[at++]);
    if (!done) {
        free_resolved(resolved, at);
        errno = ENOMEM;
        return false;
    }
    if (who->policy)
        free_resolved(who->resolved, count_all(who->policy));
    who->resolved = resolved;
    who->policy = policy;
    return true;
}

struct hf_who *hf_who_new(const struct hf_inside *inside, const struct hf_policy *policy)
{
    struct hf_who *who = calloc(1, sizeof(*who));

    if (!who)
        return NULL;
    who->inside = inside;
    who->door = -1;
    if (go_by(who, policy))
        return who;
    free(who);
    return NULL;
}

bool hf_who_change(struct hf_who *who, const struct hf_policy *policy, const char *bytes, size_t length)
{
    if (who->door < 0)
        return go_by(who, policy);
    if (!hf_apart_change(who->door, bytes, length))
        return false;
    /* Where its paths lead is found out at the door. */
    free_resolved(who->resolved, count_all(who->policy));
    who->resolved = NULL;
    who->policy = policy;
    return true;
}

const struct hf_network_policy *hf_who_network(const struct hf_who *who, size_t number)
{
    return number < who->policy->network_count ? &who->policy->networks[number] : NULL;
}

void hf_who_free(struct hf_who *who)
{
    if (!who)
        return;
    free_resolved(who->resolved, count_all(who->policy));
    hf_pins_free(&who->pins);
    free(who);
}

void hf_who_ask_at(struct hf_who *who, int door)
{
    who->door = door;
}

struct hf_question *hf_question_new(struct hf_who *who, int fd, struct hf_asker *asker)
{
    struct sockaddr_in client, proxy;
    socklen_t client_size = sizeof(client), proxy_size = sizeof(proxy);

    *asker = (struct hf_asker){.trouble = "who asks could not be looked for"};
    return getpeername(fd, (struct sockaddr *)&client, &client_size) == 0 &&
                   getsockname(fd, (struct sockaddr *)&proxy, &proxy_size) == 0
               ? hf_question_of(who, &client, &proxy, asker)
               : NULL;
}

struct hf_question *hf_question_of(struct hf_who *who, const struct sockaddr_in *client, const struct sockaddr_in *proxy,
                                   struct hf_asker *asker)
{
    struct hf_question *question = calloc(1, sizeof(*question));

    *asker = (struct hf_asker){.trouble = "who asks could not be looked for"};
    if (question) {
        question->who = who;
        question->ends = (struct hf_ends){*client, *proxy};
        if (who->door >= 0 || (hf_peer_inode(who->inside, client, proxy, &question->inode) &&
                               hf_processes_read(who->inside->processes, &question->processes)))
            return question;
        if (errno == ESRCH)
            asker->trouble = "the socket that asks is nobody's any more";
        hf_question_free(question);
    }
    return NULL;
}

void hf_question_free(struct hf_question *question)
{
    if (!question)
        return;
    hf_processes_free(&question->processes);
    free(question);
}

static bool is_listed(const struct hf_who *who, const struct hf_network_policy *network, const char *program)
{
    const size_t first = count_binaries(who->policy, network);

    for (size_t i = 0; i < network->binaries.count; i++) {
        const char *path = network->binaries.items[i].path;
        const char *resolved = who->resolved[first + i]; /* a link that the command replaces leads nowhere else */

        if (hf_glob_is(path) ? hf_glob_match(path, program)
                             : strcmp(resolved ? resolved : path, program) == 0)
            return true;
    }
    return false;
}

/* What is listed must be what it was; else *trouble. */
static bool is_good(struct hf_question *question, const struct hf_network_policy *network,
                    const struct hf_process *process, const char **trouble)
{
    *trouble = NULL;
    return process->program && is_listed(question->who, network, process->program) &&
           hf_pins_hold(&question->who->pins, process->program, process->folder, trouble);
}

static bool descends(struct hf_question *question, const struct hf_network_policy *network, struct hf_process *process)
{
    const char *trouble;

    for (int i = 0; i < ANCESTORS && (process = hf_process_parent(&question->processes, process)); i++)
        if (is_good(question, network, process, &trouble) || trouble)
            return !trouble;
    return false;
}

static bool name(const struct hf_process *process, const char *trouble, struct hf_asker *asker)
{
    asker->pid = process->pid;
    asker->trouble = trouble;
    hf_name_program(process->program, asker->program);
    return false;
}

/* Of those that are not listed none may have it, but who descends from one that is. *owner: one who has it. */
static bool others_may(struct hf_question *question, const struct hf_network_policy *network, bool *listed,
                       const struct hf_process **owner, struct hf_asker *asker)
{
    for (size_t i = 0; i < question->processes.count; i++) {
        struct hf_process *process = &question->processes.items[i];
        const char *trouble;

        listed[i] = is_good(question, network, process, &trouble);
        if (listed[i])
            continue;
        hf_process_look(process, question->inode, NULL);
        if (process->owns == HF_OWNS_UNREADABLE)
            return name(process, "which hides from others what it has open, the socket perhaps", asker);
        if (process->owns != HF_OWNS)
            continue;
        if (trouble || !descends(question, network, process))
            return name(process, trouble, asker);
        *owner = process;
    }
    return true;
}

static bool ask_at_door(struct hf_question *question, size_t network, struct hf_asker *asker)
{
    const bool is_same = question->is_asked;

    question->is_asked = true;
    return hf_apart_ask(question->who->door, &question->ends, is_same, network, asker);
}

static bool find_out(struct hf_question *question, const struct hf_network_policy *network, struct hf_asker *asker)
{
    const struct hf_processes *processes = &question->processes;
    hf_autofree bool *listed = calloc(processes->count + 1, sizeof(*listed));
    const struct hf_process *owner = NULL;

    *asker = (struct hf_asker){.trouble = "the socket that asks is nobody's any more"};
    if (!listed || !others_may(question, network, listed, &owner, asker))
        return false;
    for (size_t i = processes->count; i-- > 0 && !owner;) {
        if (!listed[i])
            continue;
        hf_process_look(&processes->items[i], question->inode, &question->who->likely);
        if (processes->items[i].owns == HF_OWNS)
            owner = &processes->items[i];
    }
    if (owner)
        name(owner, NULL, asker);
    return owner != NULL;
}

bool hf_question_admits(struct hf_question *question, const struct hf_network_policy *network, struct hf_asker *asker)
{
    if (question->who->door < 0)
        return find_out(question, network, asker);
    return ask_at_door(question, (size_t)(network - question->who->policy->networks), asker);
}

void hf_question_names(struct hf_question *question, struct hf_asker *asker)
{
    struct hf_processes *processes = &question->processes;
    int *likely = &question->who->likely;

    if (question->who->door >= 0) {
        (void)ask_at_door(question, HF_APART_ANY, asker);
        return;
    }
    *asker = (struct hf_asker){.trouble = "the socket that asks is nobody's any more"};
    for (size_t i = processes->count; i-- > 0 && !asker->pid;) {
        hf_process_look(&processes->items[i], question->inode, likely);
        if (processes->items[i].owns == HF_OWNS)
            name(&processes->items[i], NULL, asker);
    }
}
