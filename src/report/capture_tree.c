/* Looking at the files that are named, once each. A file that is reached over a symbolic link is left out: the tree
 * would need the folder that the link leads to. */
#include "report/capture_tree.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "report/capture_policy.h"

#define CELL "/mnt/cell/" /* where the runner puts a tree */
#define WORK "work"       /* which every cell has */

#define CONTENT_BYTES 16384
#define CONTENTS_BYTES (256 * 1024) /* of all files together */

struct look {
    struct hf_capture_tree *tree;
    const struct hf_names *names;
    size_t room; /* for contents */
};

/* Below the cell's folder, and every folder on the way is one itself. The caller frees it; NULL where it is not so. */
static char *place(const struct hf_names *names, const char *path)
{
    hf_autofree char *neutral = hf_neutral(names, path, strlen(path));
    char folder[PATH_MAX], real[PATH_MAX];
    const char *slash = strrchr(path, '/');

    if (!neutral || !hf_names_cover(names, path) || !slash ||
        strcmp(slash + 1, ".") == 0 || strcmp(slash + 1, "..") == 0)
        return NULL;
    if (slash == path || snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path) >= PATH_MAX)
        return NULL;
    if (!realpath(folder, real) || strcmp(folder, real) != 0 || strncmp(neutral, CELL, strlen(CELL)) != 0)
        return NULL;
    return strdup(neutral + strlen(CELL));
}

static bool is_new(const struct hf_capture_tree *tree, const char *at)
{
    for (size_t i = 0; i < tree->count; i++)
        if (strcmp(tree->files[i].at, at) == 0)
            return false;
    return strcmp(at, WORK) != 0 && tree->count < HF_TREE_MOST;
}

static char *link_target(const struct hf_names *names, const char *path)
{
    char target[PATH_MAX];
    const ssize_t length = readlink(path, target, sizeof(target));

    return length < 0 ? NULL : hf_neutral(names, target, (size_t)length);
}

/* What is in a text file, names replaced; NULL where it is no text, too long, or cannot be read. */
static char *content_of(struct look *look, const char *path)
{
    char bytes[CONTENT_BYTES + 1];
    hf_autoclose int fd = look->room ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY) : -1;
    const ssize_t length = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

    if (length <= 0 || length > CONTENT_BYTES || (size_t)length > look->room || !hf_is_text(bytes, (size_t)length))
        return NULL;
    look->room -= (size_t)length;
    return hf_neutral(look->names, bytes, (size_t)length);
}

/* `script`: only where its content is to be had. */
static void look_at(struct look *look, const char *given, bool script)
{
    hf_autofree char *path = strdup(given), *at = NULL, *target = NULL, *content = NULL;
    struct hf_capture_tree *tree = look->tree;
    struct stat status;

    for (size_t end = path ? strlen(path) : 0; end > 1 && path[end - 1] == '/'; end--)
        path[end - 1] = '\0';
    at = path ? place(look->names, path) : NULL;
    if (!at || lstat(path, &status) < 0 || !is_new(tree, at))
        return;
    if (S_ISLNK(status.st_mode))
        target = link_target(look->names, path);
    if (!target && !S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
        return;
    if (S_ISREG(status.st_mode))
        content = content_of(look, path);
    if (script && !content)
        return;
    tree->files[tree->count++] = (struct hf_tree_file){.at = hf_steal(at, NULL),
                                                       .target = hf_steal(target, NULL),
                                                       .content = hf_steal(content, NULL),
                                                       .mode = status.st_mode};
}

static void look_at_list(struct look *look, const struct hf_path_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        look_at(look, list->items[i].path, false);
}

static void look_at_word(struct look *look, const char *workdir, const char *word, bool script)
{
    char path[PATH_MAX];
    int length;

    while (strncmp(word, "./", 2) == 0)
        word += 2;
    length = word[0] == '/' ? snprintf(path, sizeof(path), "%s", word)
                            : snprintf(path, sizeof(path), "%s/%s", workdir, word);
    if (word[0] && length < PATH_MAX)
        look_at(look, path, script);
}

/* Of the command itself there is nothing but a script: a program without its content would be another. */
void hf_capture_tree_look(struct hf_capture_tree *tree, const struct hf_names *names, const struct hf_policy *policy,
                          const char *workdir, char *const *command, bool contents)
{
    struct look look = {.tree = tree, .names = names, .room = contents ? CONTENTS_BYTES : 0};

    tree->count = 0;
    tree->files = calloc(HF_TREE_MOST, sizeof(*tree->files));
    if (!tree->files)
        return;
    look_at(&look, workdir, false);
    look_at_list(&look, &policy->read_only);
    look_at_list(&look, &policy->read_write);
    for (char *const *argument = command + 1; *argument; argument++)
        look_at_word(&look, workdir, *argument, false);
    if (contents && strchr(command[0], '/'))
        look_at_word(&look, workdir, command[0], true);
}

bool hf_capture_tree_add(struct hf_capture_tree *tree, const char *at, mode_t mode)
{
    char *copy = tree->files && tree->count < HF_TREE_MOST ? strdup(at) : NULL;

    if (copy)
        tree->files[tree->count++] = (struct hf_tree_file){.at = copy, .mode = mode};
    return copy;
}

void hf_capture_tree_free(struct hf_capture_tree *tree)
{
    while (tree->count) {
        tree->count--;
        free(tree->files[tree->count].at);
        free(tree->files[tree->count].target);
        free(tree->files[tree->count].content);
    }
    free(tree->files);
    tree->files = NULL;
}

static void write_file(struct hf_yaml *yaml, const struct hf_tree_file *file)
{
    const bool folder = S_ISDIR(file->mode);
    char mode[8];

    hf_yaml_map(yaml, true);
    hf_yaml_entry(yaml, file->target ? "symlink" : folder ? "dir" : "file", file->at);
    hf_yaml_entry(yaml, "target", file->target);
    if (!file->target && (file->mode & 07777) != (folder ? 0755 : 0644)) {
        snprintf(mode, sizeof(mode), "%04o", file->mode & 07777U);
        hf_yaml_entry(yaml, "mode", mode);
    }
    hf_yaml_entry(yaml, "content", file->content);
    hf_yaml_map_end(yaml);
}

void hf_capture_tree_write(struct hf_yaml *yaml, const struct hf_capture_tree *tree)
{
    if (!tree->count)
        return;
    hf_yaml_text(yaml, "tree");
    hf_yaml_list(yaml, false);
    for (size_t i = 0; i < tree->count; i++)
        write_file(yaml, &tree->files[i]);
    hf_yaml_list_end(yaml);
}
