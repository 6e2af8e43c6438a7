/* Changing user and groups, and giving privileges up. */
#include "enforce/identity.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/account.h"
#include "enforce/capabilities.h"

/* What is all digits is an id: the policy's reader lets no other number through, and nothing that is empty. */
static bool parse_id(const char *text, unsigned *id)
{
    if (text[strspn(text, "0123456789")])
        return false;
    *id = (unsigned)strtoul(text, NULL, 10);
    return true;
}

static bool unknown(const char *name, const struct hf_origin *origin, struct hf_error *error)
{
    hf_fail(error, HF_IDENTITY_UNKNOWN, HF_STAGE_IDENTITY, 0, "%s", name);
    error->origin = *origin;
    return false;
}

static bool resolve_user(const struct hf_plan *plan, struct hf_identity *identity, struct hf_account *account,
                         const char **name, struct hf_error *error)
{
    const struct passwd *entry;

    *name = NULL;
    if (!plan->user)
        return true;
    entry = hf_account_user(account, plan->user);
    if (!entry && parse_id(plan->user, &identity->uid)) {
        identity->gid = identity->uid;
        entry = hf_account_uid(account, identity->uid);
        if (!entry)
            return true;
    }
    if (!entry)
        return unknown(plan->user, &plan->user_origin, error);
    identity->uid = entry->pw_uid;
    identity->gid = entry->pw_gid;
    *name = entry->pw_name;
    return true;
}

static bool resolve_group(const struct hf_plan *plan, struct hf_identity *identity, struct hf_error *error)
{
    hf_autoaccount account = {.text = NULL};
    const struct group *entry;

    if (!plan->group)
        return true;
    entry = hf_account_group(&account, plan->group);
    if (entry)
        identity->gid = entry->gr_gid;
    else if (!parse_id(plan->group, &identity->gid))
        return unknown(plan->group, &plan->group_origin, error);
    return true;
}

/* The supplementary groups of a user who has a name are the user's own; one without has none. */
static bool resolve_groups(const char *name, struct hf_identity *identity, struct hf_error *error)
{
    int count = 0;

    if (!name)
        return true;
    (void)getgrouplist(name, identity->gid, NULL, &count); /* tells the number of them (getgrouplist(3)) */
    identity->groups = calloc((size_t)count, sizeof(*identity->groups));
    if (!identity->groups)
        return hf_fail(error, HF_IDENTITY_FAILED, HF_STAGE_IDENTITY, ENOMEM, "%s", name);
    if (getgrouplist(name, identity->gid, identity->groups, &count) < 0)
        return hf_fail(error, HF_IDENTITY_FAILED, HF_STAGE_IDENTITY, EINVAL, "%s", name);
    identity->group_count = (size_t)count;
    return true;
}

bool hf_identity_privileged(const struct hf_identity *identity)
{
    uint32_t wanted = HF_CAPABILITY(CAP_SYS_ADMIN) | HF_CAPABILITY(CAP_NET_ADMIN) | HF_CAPABILITY(CAP_SETPCAP);

    if (identity->change)
        wanted |= HF_CAPABILITY(CAP_SETUID) | HF_CAPABILITY(CAP_SETGID);
    return hf_capabilities_have(wanted);
}

bool hf_identity_resolve(const struct hf_plan *plan, struct hf_identity *identity, struct hf_error *error)
{
    hf_autoaccount account = {.text = NULL};
    const char *name = NULL;

    *identity = (struct hf_identity){.change = plan->user || plan->group, .uid = getuid(), .gid = getgid()};
    if (!identity->change)
        return true;
    if (!resolve_user(plan, identity, &account, &name, error) || !resolve_group(plan, identity, error))
        return false;
    if (identity->uid == getuid() && identity->gid == getgid() && !hf_identity_privileged(identity)) {
        identity->change = false;
        return true;
    }
    if (!hf_identity_privileged(identity)) {
        hf_fail(error, HF_IDENTITY_NOT_PERMITTED, HF_STAGE_IDENTITY, EPERM, "%s", plan->user ? plan->user : plan->group);
        error->origin = plan->user ? plan->user_origin : plan->group_origin;
        return false;
    }
    return resolve_groups(name, identity, error);
}

void hf_identity_free(struct hf_identity *identity)
{
    free(identity->groups);
    *identity = (struct hf_identity){0};
}

static bool change(const struct hf_identity *identity, struct hf_error *error)
{
    uid_t real, effective, saved;

    if (!identity->change)
        return true;
    if (setgroups(identity->group_count, identity->groups) < 0)
        return hf_fail(error, HF_IDENTITY_FAILED, HF_STAGE_IDENTITY, errno, "setgroups");
    if (setresgid(identity->gid, identity->gid, identity->gid) < 0)
        return hf_fail(error, HF_IDENTITY_FAILED, HF_STAGE_IDENTITY, errno, "setresgid %u", identity->gid);
    if (setresuid(identity->uid, identity->uid, identity->uid) < 0)
        return hf_fail(error, HF_IDENTITY_FAILED, HF_STAGE_IDENTITY, errno, "setresuid %u", identity->uid);
    if (getresuid(&real, &effective, &saved) < 0 || real != identity->uid || effective != identity->uid ||
        saved != identity->uid)
        return hf_fail(error, HF_IDENTITY_FAILED, HF_STAGE_IDENTITY, EPERM, "uid is not %u", identity->uid);
    return true;
}

/* The bounding set goes first, while CAP_SETPCAP is there. */
bool hf_identity_drop(const struct hf_identity *identity, struct hf_error *error)
{
    return hf_capabilities_drop_bounding(error) && change(identity, error) && hf_capabilities_drop_sets(error) &&
           hf_capabilities_verify_none(error);
}
