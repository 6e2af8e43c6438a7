/* Rules against places, and addresses against the namespace (security/landlock/fs.c, is_access_to_paths_allowed()). */
#include "why/judge.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

/* The rights that are asked for, and that no rule can give below ABI 2, where files never move between directories. */
#define NEVER_AT_ABI_1 HF_FS_REFER

/* How many steps from / down lead to what the rule is for; 0 where it is not on the way. */
static size_t match(const struct hf_opened *opened, const struct hf_place *place)
{
    if (opened->proc)
        return place->proc && (hf_path_is_same(place->path, opened->rule->path) ||
                               hf_path_is_below(place->path, opened->rule->path))
                   ? place->step_count
                   : 0;
    for (size_t i = place->step_count; i > 0; i--)
        if (place->steps[i - 1].dev == opened->dev && place->steps[i - 1].ino == opened->ino)
            return i;
    return 0;
}

/* Components that two paths have in common. */
static size_t common(const char *left, const char *right)
{
    size_t count = 0;

    while (*left && *left == *right) {
        const size_t a = strcspn(left + 1, "/"), b = strcspn(right + 1, "/");

        if (a != b || a == 0 || strncmp(left + 1, right + 1, a) != 0)
            break;
        count++;
        left += a + 1;
        right += b + 1;
    }
    return count;
}

static void find_beside(const struct hf_prepared *prepared, const struct hf_place *place, struct hf_verdict *verdict)
{
    size_t most = 0;

    for (size_t i = 0; i < prepared->opened_count; i++) {
        const size_t shared = common(place->path, prepared->opened[i].rule->path);

        if (shared > most) {
            most = shared;
            verdict->nearest = prepared->opened[i].rule;
        }
    }
}

static enum hf_remedy remedy_of(const struct hf_plan *plan, const struct hf_place *place, uint64_t access)
{
    const uint64_t read_only = HF_ACCESS_READ_ONLY & plan->handled_fs;

    if (access & NEVER_AT_ABI_1 && plan->abi < 2)
        return HF_REMEDY_NONE;
    if ((access & ~read_only) == 0)
        return HF_REMEDY_READ_ONLY;
    /* The reader of policies refuses / there. */
    return strcmp(place->path, "/") == 0 ? HF_REMEDY_NONE : HF_REMEDY_READ_WRITE;
}

struct hf_verdict hf_judge_place(const struct hf_plan *plan, const struct hf_prepared *prepared,
                                 const struct hf_place *place, uint64_t access)
{
    struct hf_verdict verdict = {0};
    uint64_t granted = 0;
    size_t deepest = 0;

    if (!plan->landlock)
        return verdict;
    for (size_t i = 0; i < prepared->opened_count; i++) {
        const size_t depth = match(&prepared->opened[i], place);

        if (depth)
            granted |= prepared->opened[i].access;
        if (depth > deepest) {
            deepest = depth;
            verdict.nearest = prepared->opened[i].rule;
        }
    }
    access &= plan->handled_fs | (plan->abi < 2 ? NEVER_AT_ABI_1 : 0);
    verdict.missing = access & ~granted;
    verdict.covers = deepest;
    if (!deepest)
        find_beside(prepared, place, &verdict);
    verdict.remedy = remedy_of(plan, place, access);
    return verdict;
}

/* The part of a path that its first `steps` steps are: 1 is the root. */
static int part_length(const char *path, size_t steps)
{
    const char *end = path;

    for (size_t i = 1; i < steps && *end; i++)
        end += 1 + strcspn(end + 1, "/");
    return end == path ? 1 : (int)(end - path);
}

bool hf_judge_mode(const struct hf_credentials *who, const struct hf_place *place, uint64_t access, char *text,
                   size_t size)
{
    for (size_t i = 0; i < place->step_count; i++) {
        const struct hf_owner *owner = &place->steps[i].owner;
        const int want = i + 1 == place->step_count ? hf_mode_wanted(access) : X_OK;

        if (hf_mode_allows(owner, who, want))
            continue;
        snprintf(text, size, "%.*s, mode %04o of %u:%u", part_length(place->path, i + 1), place->path,
                 owner->mode & 07777, owner->uid, owner->gid);
        return true;
    }
    return false;
}

static bool is_loopback(const struct sockaddr *address)
{
    const struct sockaddr_in6 *six = (const void *)address;

    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) && six->sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
}

static uint64_t right_on_port(int type, bool binds)
{
    if (type == SOCK_STREAM)
        return binds ? HF_NET_BIND_TCP : HF_NET_CONNECT_TCP;
    return type == SOCK_DGRAM ? (binds ? HF_NET_BIND_UDP : HF_NET_CONNECT_SEND_UDP) : 0;
}

enum hf_barrier hf_judge_address(const struct hf_plan *plan, const struct sockaddr *address, int type, bool binds)
{
    if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
        return HF_BARRIER_NONE;
    if (plan->landlock && plan->handled_net & right_on_port(type, binds))
        return HF_BARRIER_LANDLOCK;
    return binds || is_loopback(address) ? HF_BARRIER_NONE : HF_BARRIER_NAMESPACE;
}
