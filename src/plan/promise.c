/* The table of promises. Where Landlock lacks a right, the namespaces and the filter hold what they can; what nothing
 * holds is a limit of the plan. */
#include "plan/promise.h"

#include <string.h>

/* Signals: a process namespace has no number for a process outside, but kill(0, ...) goes to the caller's process group
 * (kill(2)), in which the command must stay: in one of its own it would be in the background of its terminal, and so
 * would whatever else of the caller's pipeline reads that. Below Landlock's scope this is a limit. */
const struct hf_promise hf_promises[] = {
    {.name = "files", .text = "what is not listed is not opened, what is read_only not written", .landlock = 1,
     .both_modes = true, .right = "landlock"},
    {.name = "truncation", .text = "files that are not read_write are not truncated", .landlock = 3, .both_modes = true,
     .right = "truncate"},
    {.name = "renames", .text = "no rename or link takes a file to where more can be done with it", .landlock = 1,
     .both_modes = true, .right = "landlock"},
    {.name = "device_ioctls", .text = "devices that are not read_write take no command of their driver's",
     .landlock = 5, .both_modes = true, .right = "ioctl_dev"},
    {.name = "unix_sockets", .text = "UNIX sockets outside of read_write paths are not connected to", .landlock = 9,
     .both_modes = true, .right = "resolve_unix"},
    {.name = "abstract_sockets", .text = "abstract UNIX sockets of the outside are not found",
     .always = HF_MEANS_NETWORK_NAMESPACE, .landlock = 6, .both_modes = true},
    {.name = "tcp", .text = "TCP leaves the sandbox by the proxy alone, in block mode not at all",
     .always = HF_MEANS_NETWORK_NAMESPACE, .block = HF_MEANS_SECCOMP, .proxy = HF_MEANS_PROXY, .landlock = 4},
    {.name = "udp", .text = "no datagram leaves the sandbox", .always = HF_MEANS_NETWORK_NAMESPACE,
     .block = HF_MEANS_SECCOMP, .landlock = 10},
    {.name = "other_sockets", .text = "there are no other sockets but UNIX and netlink's route",
     .always = HF_MEANS_SECCOMP},
    {.name = "signals", .text = "processes outside are not sent signals", .always = HF_MEANS_PROCESS_NAMESPACE,
     .landlock = 6, .both_modes = true, .right = "signal"},
    {.name = "tracing", .text = "no process is traced, and none outside has its memory read",
     .always = HF_MEANS_PROCESS_NAMESPACE | HF_MEANS_SECCOMP | HF_MEANS_NOT_DUMPABLE, .landlock = 1,
     .both_modes = true},
    {.name = "processes", .text = "processes outside are not seen", .always = HF_MEANS_PROCESS_NAMESPACE},
    {.name = "shared_memory", .text = "shared memory, semaphores and queues of the outside that have no path are not found",
     .always = HF_MEANS_IPC_NAMESPACE},
    {.name = "privileges", .text = "there are none, and no program gives any",
     .always = HF_MEANS_NO_NEW_PRIVS | HF_MEANS_CAPABILITIES},
    {.name = "system_calls", .text = "calls that open the kernel wide are denied", .always = HF_MEANS_SECCOMP},
    {.name = "terminal_input", .text = "nothing is typed into the caller's terminal", .always = HF_MEANS_SECCOMP},
    {.name = "descriptors", .text = "nothing that the caller has open comes in but the standard streams",
     .always = HF_MEANS_DESCRIPTORS},
    {.name = "limits", .text = "no process uses more than process.limits gives, and none leaves a core dump unasked",
     .always = HF_MEANS_RESOURCE_LIMITS},
    {.name = "resources", .text = "all processes together use no more than resources gives, and cannot lift that",
     .always = HF_MEANS_CGROUP},
};

const size_t hf_promise_count = sizeof(hf_promises) / sizeof(hf_promises[0]);

static const struct {
    enum hf_means means;
    const char *name;
} names[] = {
    {HF_MEANS_LANDLOCK, "landlock"},
    {HF_MEANS_NETWORK_NAMESPACE, "network namespace"},
    {HF_MEANS_PROXY, "proxy"},
    {HF_MEANS_PROCESS_NAMESPACE, "process namespace"},
    {HF_MEANS_IPC_NAMESPACE, "IPC namespace"},
    {HF_MEANS_SECCOMP, "seccomp"},
    {HF_MEANS_NO_NEW_PRIVS, "no_new_privs"},
    {HF_MEANS_CAPABILITIES, "no capabilities"},
    {HF_MEANS_DESCRIPTORS, "closed descriptors"},
    {HF_MEANS_NOT_DUMPABLE, "processes not dumpable"},
    {HF_MEANS_RESOURCE_LIMITS, "resource limits"},
    {HF_MEANS_CGROUP, "cgroup"},
};

#define MEANS_COUNT (sizeof(names) / sizeof(names[0]))

unsigned hf_promise_means(const struct hf_promise *promise, const struct hf_plan *plan)
{
    const bool block = plan->mode == HF_MODE_BLOCK;
    unsigned means = promise->always | (block ? promise->block : promise->proxy);

    if (promise->landlock && promise->landlock <= plan->abi && (block || promise->both_modes))
        means |= HF_MEANS_LANDLOCK;
    return hf_plan_wants_cgroup(plan) ? means : means & ~(unsigned)HF_MEANS_CGROUP;
}

const char *hf_promise_lost(const struct hf_promise *promise, const struct hf_plan *plan)
{
    if (!promise->right || promise->landlock <= plan->abi)
        return NULL;
    for (size_t i = 0; i < plan->limit_count; i++)
        if (strcmp(plan->limits[i].right, promise->right) == 0)
            return promise->right;
    return plan->landlock ? NULL : "landlock";
}

static json_t *means_json(unsigned means)
{
    json_t *all = json_array();

    for (size_t i = 0; i < MEANS_COUNT; i++)
        if (names[i].means & means)
            hf_json_append(&all, json_string(names[i].name));
    return all;
}

json_t *hf_promises_json(const struct hf_plan *plan)
{
    json_t *all = json_array();

    for (size_t i = 0; i < hf_promise_count; i++)
        hf_json_append(&all, json_pack("{s:s, s:o, s:s?}", "promise", hf_promises[i].name, "means",
                                       means_json(hf_promise_means(&hf_promises[i], plan)), "lost",
                                       hf_promise_lost(&hf_promises[i], plan)));
    return all;
}

static void print_means(unsigned means, FILE *stream)
{
    const char *between = "";

    for (size_t i = 0; i < MEANS_COUNT; i++)
        if (names[i].means & means) {
            fprintf(stream, "%s%s", between, names[i].name);
            between = ", ";
        }
}

void hf_promises_print(const struct hf_plan *plan, FILE *stream)
{
    fputs("promises, and what holds them:\n", stream);
    for (size_t i = 0; i < hf_promise_count; i++) {
        const struct hf_promise *promise = &hf_promises[i];
        const unsigned means = hf_promise_means(promise, plan);
        const char *lost = hf_promise_lost(promise, plan);

        fprintf(stream, "  %s (%s): ", promise->name, promise->text);
        print_means(means, stream);
        if (lost)
            fprintf(stream, "%s (it needs landlock ABI %d)", means ? ", but for a part" : "nothing here",
                    promise->landlock);
        else if (!means)
            fputs("the policy has nothing to hold", stream);
        fputs("\n", stream);
    }
}
