/* What is changed in the policy's text, and reading it back. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "why/change.h"
#include "why/endpoints.h"
#include "why/places.h"
#include "why/requests.h"
#include "base/yaml_path.h"

/* What is changed, and what for. */
struct edit {
    struct hf_lines lines;
    const struct hf_change *change;
    const struct hf_policy *policy;
    const struct hf_plan *plan;
    const struct hf_prepared *prepared;
};

/* Writes a list that the policy does not have. The default set, which a policy without lists had, is a list's from then
 * on. */
static bool write_list(const struct edit *edit, bool read_write, bool defaults, const char *indent, FILE *stream)
{
    const struct hf_change *change = edit->change;
    const size_t added = read_write ? change->read_write_count : change->read_only_count;
    const uint64_t read_only = HF_ACCESS_READ_ONLY & edit->plan->handled_fs;
    hf_autofree const char **paths = calloc(edit->prepared->opened_count + added + 1, sizeof(*paths));
    size_t count = 0;

    if (!paths)
        return false;
    for (size_t i = 0; defaults && i < edit->prepared->opened_count; i++) {
        const struct hf_rule *rule = edit->prepared->opened[i].rule;

        if (rule->origin.kind == HF_ORIGIN_BASELINE && ((rule->access & ~read_only) != 0) == read_write &&
            !hf_path_is_same(rule->path, edit->plan->workdir))
            paths[count++] = rule->path;
    }
    for (size_t i = 0; i < added; i++)
        paths[count++] = read_write ? change->read_write[i] : change->read_only[i];
    fprintf(stream, "%s%s: [", indent, read_write ? "read_write" : "read_only");
    hf_places_write(paths, count, stream);
    fputs("]\n", stream);
    return true;
}

/* Writes lines of a section; the caller frees them. NULL: memory is out. */
typedef char *writer(const struct edit *edit, const char *indent);

/* The lists that the policy does not have and needs. */
static char *missing_lists(const struct edit *edit, const char *indent)
{
    const struct hf_policy *policy = edit->policy;
    const bool defaults = !policy->read_only.given && !policy->read_write.given;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    bool written = stream;

    if (written && defaults && policy->include_workdir == HF_OMITTED)
        fprintf(stream, "%sinclude_workdir: true\n", indent);
    if (written && !policy->read_only.given && (defaults || edit->change->read_only_count))
        written = write_list(edit, false, defaults, indent, stream);
    if (written && !policy->read_write.given && (defaults || edit->change->read_write_count))
        written = write_list(edit, true, defaults, indent, stream);
    if (stream && fclose(stream) == 0 && written)
        return text;
    free(text);
    return NULL;
}

/* Before the first key of the section `name`, where that is written in block style, and as far in as that. */
static bool add_to_section(struct edit *edit, const char *name, writer *write_to)
{
    const struct hf_lines *lines = &edit->lines;
    char indent[32] = "";
    size_t i = 0;

    while (i < lines->count && strncmp(lines->items[i].text, name, strlen(name)) != 0)
        i++;
    for (i++; i < lines->count; i++) {
        struct hf_line *line = &lines->items[i];
        const size_t width = strspn(line->text, " ");
        hf_autofree char *behind = line->before;
        hf_autofree char *text = NULL;

        if (width >= line->length || line->text[width] == '#') {
            behind = NULL;
            continue;
        }
        line->before = NULL;
        if (width == 0 || width >= sizeof(indent))
            return false;
        memset(indent, ' ', width);
        text = write_to(edit, indent);
        return text && asprintf(&line->before, "%s%s", text, behind ? behind : "") >= 0;
    }
    return false;
}

static bool append_section(struct edit *edit, const char *name, writer *write_to)
{
    hf_autofree char *behind = edit->lines.after;
    hf_autofree char *text = write_to(edit, "  ");
    const char *head = edit->lines.count || behind ? "" : "version: 1\n";

    edit->lines.after = NULL;
    return text && asprintf(&edit->lines.after, "%s%s\n%s", behind ? behind : head, name, text) >= 0;
}

static bool change_files(struct edit *edit)
{
    const struct hf_policy *policy = edit->policy;
    const struct hf_change *change = edit->change;
    const bool lacks = (!policy->read_only.given && (change->read_only_count || !policy->read_write.given)) ||
                       (!policy->read_write.given && change->read_write_count);

    if (!change->read_only_count && !change->read_write_count)
        return true;
    if (!policy->filesystem_given)
        return append_section(edit, "filesystem_policy:", missing_lists);
    return hf_places_change(&edit->lines, policy, change) &&
           (!lacks || add_to_section(edit, "filesystem_policy:", missing_lists));
}

static char *endpoints(const struct edit *edit, const char *indent)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return NULL;
    (void)hf_endpoints_write(edit->change->denials, indent, stream);
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

static bool change_network(struct edit *edit)
{
    if (hf_endpoints_are_in(edit->change->denials, edit->policy))
        return true;
    return edit->policy->network_count ? add_to_section(edit, "network_policies:", endpoints)
                                       : append_section(edit, "network_policies:", endpoints);
}

static bool has(const struct hf_path_list *list, const char *path)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].path, path) == 0)
            return true;
    return false;
}

static bool has_all(const struct hf_path_list *list, const struct hf_path_list *old, const char *const *added,
                    size_t count, const struct hf_path_list *other)
{
    for (size_t i = 0; i < old->count; i++)
        if (!has(list, old->items[i].path) && !has(other, old->items[i].path))
            return false;
    for (size_t i = 0; i < count; i++)
        if (!has(list, added[i]))
            return false;
    return true;
}

static bool reads_back(const struct edit *edit)
{
    struct hf_diagnostics faults = {0};
    struct hf_policy policy = {0};
    size_t length = 0;
    hf_autofree char *text = hf_lines_changed(&edit->lines, &length);
    const bool right = text && hf_policy_parse(text, length, &policy, &faults) &&
                       has_all(&policy.read_only, &edit->policy->read_only, edit->change->read_only,
                               edit->change->read_only_count, &policy.read_write) &&
                       has_all(&policy.read_write, &edit->policy->read_write, edit->change->read_write,
                               edit->change->read_write_count, &policy.read_write) &&
                       hf_endpoints_are_in(edit->change->denials, &policy) &&
                       !hf_requests_lack(edit->change->denials, &policy);

    hf_policy_free(&policy);
    hf_diagnostics_free(&faults);
    return right;
}

bool hf_change_diff(const struct hf_change *change, const struct hf_policy_text *old, const struct hf_plan *plan,
                    const struct hf_prepared *prepared, const char *name, FILE *stream)
{
    struct edit edit = {.change = change, .policy = old->policy, .plan = plan, .prepared = prepared};
    const bool right = hf_lines_split(old->text ? old->text : "", old->text ? old->length : 0, &edit.lines) &&
                       change_files(&edit) && change_network(&edit) &&
                       hf_requests_change(change->denials, old->policy, &edit.lines) && reads_back(&edit);

    if (right) {
        fprintf(stream, "--- %s\n+++ %s\n", old->text ? name : "/dev/null", old->text ? name : "policy.yaml");
        hf_lines_diff(&edit.lines, stream);
    }
    hf_lines_free(&edit.lines);
    return right;
}
