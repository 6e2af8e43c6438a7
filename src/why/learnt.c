#include "why/learnt.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "policy/check.h"
#include "why/derive.h"
#include "why/endpoints.h"
#include "why/proxied.h"
#include "base/yaml_path.h"

#define ABSENT_MOST 20 /* lines; more tell no more */

/* A path and all that was asked of it; access 0: it was not there. */
struct hf_seen {
    uint64_t access;
    char path[];
};

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct hf_seen *)left)->path, ((const struct hf_seen *)right)->path);
}

void hf_learnt_add(struct hf_learnt *learnt, const struct hf_sighting *sighting)
{
    const size_t length = strlen(sighting->path);
    struct hf_seen *seen, **found;

    if (sighting->act) {
        hf_denials_add(&learnt->refused, sighting);
        return;
    }
    seen = malloc(sizeof(*seen) + length + 1);
    if (!seen) {
        learnt->incomplete = true;
        return;
    }
    seen->access = sighting->access;
    memcpy(seen->path, sighting->path, length + 1);
    found = tsearch(seen, &learnt->paths, by_path);
    if (found && *found == seen)
        return;
    if (found)
        (*found)->access |= sighting->access;
    else
        learnt->incomplete = true;
    free(seen);
}

void hf_learnt_free(struct hf_learnt *learnt)
{
    tdestroy(learnt->paths, free);
    hf_denials_free(&learnt->refused);
    *learnt = (struct hf_learnt){0};
}

/* The paths as lists: what was there, and what was not. */
struct lists {
    struct hf_trace *traces;
    size_t count;
    const char **absent;
    size_t absent_count;
    size_t unwritable; /* names that a policy cannot have */
};

static void take(const void *node, VISIT order, void *to)
{
    const struct hf_seen *seen = *(const struct hf_seen *const *)node;
    struct lists *lists = to;

    if (order != postorder && order != leaf)
        return;
    if (!hf_scalar_possible(seen->path))
        lists->unwritable++;
    else if (seen->access)
        lists->traces[lists->count++] = (struct hf_trace){seen->path, seen->access};
    else
        lists->absent[lists->absent_count++] = seen->path;
}

static void count_one(const void *node, VISIT order, void *to)
{
    (void)node;
    if (order == postorder || order == leaf)
        (*(size_t *)to)++;
}

static bool take_all(const struct hf_learnt *learnt, struct lists *lists)
{
    size_t count = 0;

    twalk_r(learnt->paths, count_one, &count);
    lists->traces = calloc(count + 1, sizeof(*lists->traces));
    lists->absent = calloc(count + 1, sizeof(*lists->absent));
    if (!lists->traces || !lists->absent)
        return false;
    twalk_r(learnt->paths, take, lists);
    return true;
}

static void write_entry(const struct hf_entry *entry, FILE *stream)
{
    fputs("    - ", stream);
    hf_scalar_write(entry->path, stream);
    if (strcmp(entry->path, "/tmp") == 0)
        fputs("  # unsure: what is made there often has another name each time", stream);
    else if (entry->widened)
        fprintf(stream, "  # for %u path%s in it", entry->seen, entry->seen == 1 ? "" : "s");
    else if (strcmp(entry->path, "/") == 0)
        fputs("  # unsure: it was listed, and this is every file there is", stream);
    fputc('\n', stream);
}

/* The working directory has a key of its own, and / is no path of read_write. */
static bool is_listed(const struct hf_entry *entry, const struct hf_plan *plan)
{
    return !entry->write || (strcmp(entry->path, "/") != 0 && !hf_path_is_same(entry->path, plan->workdir));
}

static void write_list(const char *key, bool write, const struct hf_entries *entries, const struct hf_plan *plan,
                       FILE *stream)
{
    bool any = false;

    for (size_t i = 0; i < entries->count; i++) {
        const struct hf_entry *entry = &entries->items[i];

        if (entry->write != write || !is_listed(entry, plan))
            continue;
        fprintf(stream, "%s", any ? "" : key);
        fprintf(stream, "%s", any ? "" : ":\n");
        any = true;
        write_entry(entry, stream);
    }
    if (!any)
        fprintf(stream, "%s: []\n", key);
}

static bool writes(const struct hf_entries *entries, const char *path)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->items[i].write && hf_path_is_same(entries->items[i].path, path))
            return true;
    return false;
}

static void write_absent(const struct lists *lists, const struct hf_entries *entries, FILE *stream)
{
    size_t told = 0, more = 0;

    for (size_t i = 0; i < lists->absent_count; i++) {
        if (hf_entries_cover(entries, lists->absent[i]))
            continue;
        if (told < ABSENT_MOST)
            fprintf(stream, "#   %s\n", lists->absent[i]);
        told++;
        more += told > ABSENT_MOST;
    }
    if (more)
        fprintf(stream, "#   and %zu more\n", more);
}

static bool any_absent(const struct lists *lists, const struct hf_entries *entries)
{
    for (size_t i = 0; i < lists->absent_count; i++)
        if (!hf_entries_cover(entries, lists->absent[i]))
            return true;
    return false;
}

static void write_doubts(const struct hf_learnt *learnt, const struct lists *lists, const struct hf_entries *entries,
                         int status, size_t unreadable, FILE *stream)
{
    fputs("# Unsure: this is one run. Other arguments, input and environments can need more; run `holdfast why` with "
          "them.\n",
          stream);
    if (status)
        fprintf(stream, "# The command ended with status %d: what it would have done otherwise is not in here.\n",
                status);
    if (any_absent(lists, entries)) {
        fputs("# These were looked for and are not there. Should they come to be there, they are not in the lists:\n",
              stream);
        write_absent(lists, entries, stream);
    }
    for (size_t i = 0; i < learnt->refused.count; i++) {
        const struct hf_denial *denial = &learnt->refused.items[i];

        if (!hf_proxied_is_host(denial->act))
            fprintf(stream, "# Denied in this run too: %s %s. To allow it: %s.\n", denial->act, denial->path,
                    denial->remedy);
    }
    if (writes(entries, "/"))
        fputs("# Files were made or removed in / itself, which no policy can allow.\n", stream);
    if (lists->unwritable)
        fprintf(stream, "# %zu paths are not in here: their names are not UTF-8, or have control characters.\n",
                lists->unwritable);
    if (unreadable)
        fprintf(stream, "# %zu calls could not be looked at.\n", unreadable);
    if (learnt->incomplete || learnt->refused.incomplete)
        fputs("# Memory was out: paths are missing.\n", stream);
}

bool hf_learnt_write(const struct hf_learnt *learnt, const struct hf_plan *plan, int status, size_t unreadable,
                     FILE *stream)
{
    struct lists lists = {0};
    struct hf_entries entries = {0};
    const bool made = take_all(learnt, &lists) && hf_derive(lists.traces, lists.count, HF_PATHS_MAX, &entries);

    if (made) {
        fputs("# Learnt by holdfast from one run, in which files were not limited.\n", stream);
        write_doubts(learnt, &lists, &entries, status, unreadable, stream);
        fprintf(stream, "version: 1\nfilesystem_policy:\n  include_workdir: %s\n",
                writes(&entries, plan->workdir) ? "true" : "false");
        write_list("  read_only", false, &entries, plan, stream);
        write_list("  read_write", true, &entries, plan, stream);
        if (!hf_endpoints_are_in(&learnt->refused, &(struct hf_policy){0})) {
            fputs("network_policies:  # unsure: asked for, and refused in this run; what follows an answer is not in "
                  "here\n",
                  stream);
            (void)hf_endpoints_write(&learnt->refused, "  ", stream);
        }
    }
    hf_entries_free(&entries);
    free(lists.traces);
    free(lists.absent);
    return made;
}
