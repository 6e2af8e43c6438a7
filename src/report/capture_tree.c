/* Looking at the files that are named, once each. A file that is reached over a symbolic link is left out: the tree would
 * need the folder that the link leads to. */
#include "report/capture_tree.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define CELL "/mnt/cell/" /* where the runner puts a tree */

#define MOST 256
#define WORK "work" /* which every cell has */

struct tree {
    struct hf_yaml *yaml;
    const struct hf_names *names;
    char *seen[MOST]; /* places that are in it, and WORK */
    size_t count;
};

/* Takes `at` over, unless it was there before or is one too many. */
static bool is_new(struct tree *tree, const char *at)
{
    for (size_t i = 0; i < tree->count; i++)
        if (strcmp(tree->seen[i], at) == 0)
            return false;
    if (tree->count == MOST || !(tree->seen[tree->count] = strdup(at)))
        return false;
    tree->count++;
    return true;
}

/* Below the cell's folder, and every folder on the way is one itself. The caller frees the result, NULL where it is not. */
static char *place(const struct tree *tree, const char *path)
{
    hf_autofree char *neutral = hf_neutral(tree->names, path, strlen(path));
    char folder[PATH_MAX], real[PATH_MAX];
    const char *slash = strrchr(path, '/');

    if (!neutral || !hf_names_cover(tree->names, path) || strstr(path, "/../") || strstr(path, "//"))
        return NULL;
    if (slash == path || snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path) >= PATH_MAX)
        return NULL;
    if (!realpath(folder, real) || strcmp(folder, real) != 0 || strncmp(neutral, CELL, strlen(CELL)) != 0)
        return NULL;
    return strdup(neutral + strlen(CELL));
}

static void put_mode(struct hf_yaml *yaml, mode_t mode, mode_t usual)
{
    char text[8];

    if ((mode & 07777) == usual)
        return;
    snprintf(text, sizeof(text), "%04o", mode & 07777U);
    hf_yaml_entry(yaml, "mode", text);
}

static void put_link(const struct tree *tree, const char *path, const char *at)
{
    hf_autofree char *neutral = NULL;
    char target[PATH_MAX];
    const ssize_t length = readlink(path, target, sizeof(target));

    neutral = length < 0 ? NULL : hf_neutral(tree->names, target, (size_t)length);
    hf_yaml_entry(tree->yaml, "symlink", at);
    hf_yaml_entry(tree->yaml, "target", neutral ? neutral : "gone");
}

static void add(struct tree *tree, const char *given)
{
    hf_autofree char *path = strdup(given), *at = NULL;
    struct stat status;

    for (size_t end = path ? strlen(path) : 0; end > 1 && path[end - 1] == '/'; end--)
        path[end - 1] = '\0';
    at = path ? place(tree, path) : NULL;
    if (!at || lstat(path, &status) < 0 || !(S_ISDIR(status.st_mode) || S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)) ||
        !is_new(tree, at))
        return;
    if (tree->count == 2) {
        hf_yaml_text(tree->yaml, "tree");
        hf_yaml_list(tree->yaml, false);
    }
    hf_yaml_map(tree->yaml, true);
    if (S_ISLNK(status.st_mode)) {
        put_link(tree, path, at);
    } else {
        hf_yaml_entry(tree->yaml, S_ISDIR(status.st_mode) ? "dir" : "file", at);
        put_mode(tree->yaml, status.st_mode, S_ISDIR(status.st_mode) ? 0755 : 0644);
    }
    hf_yaml_map_end(tree->yaml);
}

static void add_list(struct tree *tree, const struct hf_path_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        add(tree, list->items[i].path);
}

static void add_argument(struct tree *tree, const char *workdir, const char *argument)
{
    char path[PATH_MAX];
    const int length = argument[0] == '/' ? snprintf(path, sizeof(path), "%s", argument)
                                          : snprintf(path, sizeof(path), "%s/%s", workdir, argument);

    if (argument[0] && length < PATH_MAX)
        add(tree, path);
}

/* Of the command itself there is nothing: a program without its content would be another. */
void hf_capture_tree(struct hf_yaml *yaml, const struct hf_capture *capture, const struct hf_names *names)
{
    struct tree tree = {.yaml = yaml, .names = names};

    if (!capture->workdir || !is_new(&tree, WORK))
        return;
    add(&tree, capture->workdir);
    add_list(&tree, &capture->policy->read_only);
    add_list(&tree, &capture->policy->read_write);
    for (char *const *argument = capture->command + 1; *argument; argument++)
        add_argument(&tree, capture->workdir, *argument);
    if (tree.count > 1)
        hf_yaml_list_end(yaml);
    while (tree.count)
        free(tree.seen[--tree.count]);
}
