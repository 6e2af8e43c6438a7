#include "why/tell.h"

#include <string.h>

#include "why/endpoints.h"
#include "why/requests.h"
#include "base/yaml_path.h"

static void print_rights(uint64_t set, FILE *stream)
{
    const char *between = "";

    for (size_t i = 0; i < hf_right_count; i++)
        if (hf_rights[i].class == HF_RIGHT_FS && hf_rights[i].bit & set) {
            fprintf(stream, "%s%s", between, hf_rights[i].name);
            between = ", ";
        }
}

static void print_nearest(const struct hf_verdict *verdict, const char *name, FILE *stream)
{
    const struct hf_rule *rule = verdict->nearest;

    fputs("    nearest rule: ", stream);
    if (!rule) {
        fputs("none is near\n", stream);
        return;
    }
    if (rule->origin.line)
        fprintf(stream, "%s (%s:%s)", rule->path, name ? name : "policy", hf_origin_place(&rule->origin).text);
    else
        fprintf(stream, "%s (%s)", rule->path, hf_origin_name(rule->origin.kind));
    fputs(verdict->covers ? ", which covers it and does not grant that\n" : ", which is beside it\n", stream);
}

static void print_remedy(const struct hf_denial *denial, const struct hf_plan *plan, FILE *stream)
{
    fputs("    to allow it: ", stream);
    if (denial->verdict.missing & HF_FS_REFER && plan->abi < 2)
        fputs("a kernel of landlock ABI 2 or later; below it nothing moves between directories\n", stream);
    else if (denial->barred)
        fputs("no list alone can: the mode must, too\n", stream);
    else if (denial->verdict.remedy == HF_REMEDY_NONE)
        fputs("no policy can: / is never writable\n", stream);
    else if (!hf_scalar_possible(denial->path))
        fputs("list a directory above it: its name is not UTF-8, or has control characters\n", stream);
    else
        fprintf(stream, "add %s to filesystem_policy.%s\n", hf_change_path(denial),
                denial->verdict.remedy == HF_REMEDY_READ_ONLY ? "read_only" : "read_write");
}

static void print_denial(const struct hf_denial *denial, const struct hf_plan *plan, bool exact, const char *name,
                         FILE *stream)
{
    fputs("  ", stream);
    if (denial->act)
        fputs(denial->act, stream);
    else
        print_rights(denial->verdict.missing ? denial->verdict.missing : denial->access, stream);
    fputs(denial->act ? " " : " on ", stream);
    hf_scalar_show(denial->path, stream);
    if (denial->process[0]) {
        fputs(", by ", stream);
        hf_scalar_show(denial->process, stream);
        if (denial->number)
            fprintf(stream, " (process %d)", denial->number);
    }
    if (denial->times > 1)
        fprintf(stream, ", %u times", denial->times);
    fputc('\n', stream);
    if (denial->act) {
        fprintf(stream, "    denied by: %s\n    to allow it: %s\n", denial->by, denial->remedy);
        return;
    }
    if (denial->barred) {
        fprintf(stream, "    denied by%s: ", denial->verdict.missing ? ", too" : "");
        hf_scalar_show(denial->barred, stream);
        fputs(": no process of a sandbox has a capability\n", stream);
    }
    if (!denial->verdict.missing) {
        fputs("    to allow it: change the mode, or run the command as somebody who may (process.run_as_user)\n",
              stream);
        return;
    }
    /* Of a move between two directories the kernel records one. */
    if (exact && !denial->recorded && !(denial->verdict.missing & HF_FS_REFER))
        fputs("    the kernel has no record of it: something else may have stopped it before\n", stream);
    print_nearest(&denial->verdict, name, stream);
    print_remedy(denial, plan, stream);
}

static void print_list(const char *list, const char *const *paths, size_t count, FILE *stream)
{
    if (count)
        fprintf(stream, "  %s:\n", list);
    for (size_t i = 0; i < count; i++) {
        fputs("    - ", stream);
        hf_scalar_write(paths[i], stream);
        fputc('\n', stream);
    }
}

static void print_change(const struct hf_denials *denials, const struct hf_policy_text *old, const struct hf_plan *plan,
                         const struct hf_prepared *prepared, const char *name, FILE *stream)
{
    struct hf_change change;

    if (!hf_change_make(denials, &change)) {
        fputs("holdfast: why: no patch: memory is out\n", stream);
    } else if (change.read_only_count + change.read_write_count || !hf_endpoints_are_in(denials, old->policy) ||
               hf_requests_lack(denials, old->policy)) {
        fputs("holdfast: why: the smallest change of the policy that allows this, for patch(1):\n", stream);
        if (!hf_change_diff(&change, old, plan, prepared, name, stream)) {
            fputs("holdfast: why: the file cannot be patched the way it is written; add to it:\n", stream);
            if (change.read_only_count + change.read_write_count)
                fputs("filesystem_policy:\n", stream);
            print_list("read_only", change.read_only, change.read_only_count, stream);
            print_list("read_write", change.read_write, change.read_write_count, stream);
            if (!hf_endpoints_are_in(denials, old->policy))
                fputs("network_policies:\n", stream);
            (void)hf_endpoints_write(denials, "  ", stream);
            hf_requests_write(denials, old->policy, stream);
        }
    }
    hf_change_free(&change);
}

void hf_why_tell(const struct hf_denials *denials, size_t unreadable, const struct hf_policy_text *old,
                 const struct hf_plan *plan, const struct hf_prepared *prepared, const char *name, FILE *stream)
{
    if (!plan->landlock)
        fputs("holdfast: why: landlock is not enforced here: no file was denied by the sandbox\n", stream);
    if (denials->count)
        fprintf(stream, "holdfast: why: the sandbox denied %zu access%s\n", denials->count,
                denials->count == 1 ? "" : "es");
    else
        fputs("holdfast: why: the sandbox denied nothing that was seen\n", stream);
    for (size_t i = 0; i < denials->count; i++)
        print_denial(&denials->items[i], plan, denials->exact, name, stream);
    if (unreadable)
        fprintf(stream, "holdfast: why: %zu calls could not be looked at: there may be more\n", unreadable);
    if (denials->incomplete)
        fputs("holdfast: why: memory was out: there are more\n", stream);
    print_change(denials, old, plan, prepared, name, stream);
}
