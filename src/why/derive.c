#include "why/derive.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "plan/rights.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of every machine, and with nothing of a person's in them: what is read there is listed as a whole. */
static const char *const of_the_system[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64",
                                            "/usr", "/etc",  "/opt", "/proc",  "/sys"};

/* Never listed for what lies in them. */
static const char *const too_wide[] = {"/",    "/home", "/root",  "/var", "/var/lib", "/var/tmp", "/run", "/tmp",
                                       "/dev", "/mnt",  "/media", "/srv", "/boot",    "/etc",     "/proc"};

static bool is_too_wide(const char *path)
{
    for (size_t i = 0; i < COUNT(too_wide); i++)
        if (strcmp(path, too_wide[i]) == 0)
            return true;
    return strncmp(path, "/home/", 6) == 0 && !strchr(path + 6, '/');
}

/* In the order of a walk: a directory comes before what is in it, and that before its neighbours. */
static int in_tree_order(const void *left, const void *right)
{
    const struct hf_entry *one = left, *other = right;
    const char *a = one->path, *b = other->path;

    while (*a && *a == *b) {
        a++;
        b++;
    }
    if (*a == *b)
        return other->write - one->write;
    return *a == '/' && *b ? -1 : *b == '/' && *a ? 1 : (unsigned char)*a - (unsigned char)*b;
}

static void drop(struct hf_entry *entry)
{
    free(entry->path);
    entry->path = NULL;
}

static void close_gaps(struct hf_entries *entries)
{
    size_t kept = 0;

    for (size_t i = 0; i < entries->count; i++)
        if (entries->items[i].path)
            entries->items[kept++] = entries->items[i];
    entries->count = kept;
}

/* Leaves out what another entry grants. The paths of one directory stand behind it. */
static void prune(struct hf_entries *entries)
{
    struct hf_entry *read = NULL, *write = NULL;

    qsort(entries->items, entries->count, sizeof(*entries->items), in_tree_order);
    for (size_t i = 0; i < entries->count; i++) {
        struct hf_entry *entry = &entries->items[i];
        struct hf_entry *by = NULL;

        if (write && (hf_path_is_below(entry->path, write->path) || strcmp(entry->path, write->path) == 0))
            by = write;
        else if (read && !entry->write &&
                 (hf_path_is_below(entry->path, read->path) || strcmp(entry->path, read->path) == 0))
            by = read;
        if (by) {
            by->seen += entry->seen;
            drop(entry);
        } else if (entry->write) {
            write = entry;
        } else {
            read = entry;
        }
    }
    close_gaps(entries);
}

static size_t parent_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == path ? 1 : (size_t)(slash - path);
}

static bool is_sibling(const struct hf_entry *left, const struct hf_entry *right)
{
    const size_t length = parent_length(left->path);

    return left->write == right->write && length == parent_length(right->path) &&
           strncmp(left->path, right->path, length) == 0;
}

static bool join(struct hf_entries *entries, size_t first)
{
    struct hf_entry *joined = &entries->items[first];
    struct hf_entry parent = {
        .path = strndup(joined->path, parent_length(joined->path)), .write = joined->write, .widened = true};

    if (!parent.path)
        return false;
    for (size_t i = first; i < entries->count; i++) {
        struct hf_entry *entry = &entries->items[i];

        if (!entry->path || (i != first && !is_sibling(joined, entry)))
            continue;
        parent.seen += entry->seen;
        if (i != first)
            drop(entry);
    }
    drop(joined);
    *joined = parent;
    return true;
}

static bool has_wide_parent(const struct hf_entry *entry)
{
    char *parent = strndup(entry->path, parent_length(entry->path));
    const bool wide = !parent || is_too_wide(parent);

    free(parent);
    return wide;
}

static size_t count_siblings(const struct hf_entries *entries, size_t first)
{
    size_t count = 0;

    for (size_t i = first; i < entries->count; i++)
        count += is_sibling(&entries->items[first], &entries->items[i]);
    return count;
}

/* Joins entries of one directory where there are `enough`. *changed where it did. */
static bool join_some(struct hf_entries *entries, size_t enough, bool *changed)
{
    *changed = false;
    for (size_t i = 0; i < entries->count; i++) {
        if (has_wide_parent(&entries->items[i]) || count_siblings(entries, i) < enough)
            continue;
        if (!join(entries, i))
            return false;
        *changed = true;
        close_gaps(entries);
    }
    prune(entries);
    return true;
}

static const char *listed_path(const struct hf_trace *trace, bool write)
{
    for (size_t i = 0; i < COUNT(of_the_system) && !write; i++)
        if (strcmp(trace->path, of_the_system[i]) == 0 || hf_path_is_below(trace->path, of_the_system[i]))
            return of_the_system[i];
    /* A process's own folder has another name each time. */
    if (hf_path_is_below(trace->path, "/proc"))
        return "/proc";
    return trace->path;
}

static bool collect(const struct hf_trace *traces, size_t count, struct hf_entries *entries)
{
    entries->items = calloc(count + 1, sizeof(*entries->items));
    if (!entries->items)
        return false;
    for (size_t i = 0; i < count; i++) {
        const bool write = traces[i].access & ~HF_ACCESS_READ_ONLY;
        const char *path = listed_path(&traces[i], write);
        char *copy = strdup(path);

        if (!copy)
            return false;
        entries->items[entries->count++] =
            (struct hf_entry){.path = copy, .write = write, .seen = 1, .widened = path != traces[i].path};
    }
    prune(entries);
    return true;
}

bool hf_derive(const struct hf_trace *traces, size_t count, size_t most, struct hf_entries *entries)
{
    bool changed = true;

    *entries = (struct hf_entries){0};
    if (!collect(traces, count, entries))
        return false;
    while (changed)
        if (!join_some(entries, 3, &changed))
            return false;
    for (changed = true; changed && entries->count > most;)
        if (!join_some(entries, 1, &changed))
            return false;
    return true;
}

bool hf_entries_cover(const struct hf_entries *entries, const char *path)
{
    for (size_t i = 0; i < entries->count; i++)
        if (strcmp(path, entries->items[i].path) == 0 || hf_path_is_below(path, entries->items[i].path))
            return true;
    return false;
}

void hf_entries_free(struct hf_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        free(entries->items[i].path);
    free(entries->items);
    *entries = (struct hf_entries){0};
}
