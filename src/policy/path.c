/* Readers of paths. A path is kept as it is written; that it cannot be read in two ways is made sure here. */
#include "policy/value.h"

#include <string.h>

#define PATH_BYTES 4096

static bool has_dotdot(const char *path)
{
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");

        if (length == 2 && at[0] == '.' && at[1] == '.')
            return true;
        at += length;
        at += strspn(at, "/");
    }
    return false;
}

/* "/", and what is the same: "//", "/./". */
static bool is_root(const char *path)
{
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");

        if (length > 1 || (length == 1 && *at != '.'))
            return false;
        at += length;
        at += strspn(at, "/");
    }
    return true;
}

/* What holds for every path; that it is absolute is the caller's to say, since patterns have one more form. */
static bool check_path(struct hf_faults *faults, const struct hf_node *value, bool is_absolute)
{
    if (value->length == 0) {
        hf_fault(faults, value->pos, "empty path");
        return false;
    }
    for (size_t i = 0; i < value->length; i++) {
        unsigned char byte = (unsigned char)value->text[i];

        if (byte < 0x20 || byte == 0x7f) {
            hf_fault(faults, value->pos, "path %s has a control character (0x%02x) in it",
                     hf_quote(value->text, value->length).text, byte);
            return false;
        }
    }
    if (value->length > PATH_BYTES)
        hf_fault(faults, value->pos, "path %s is %zu bytes long: at most %d are allowed",
                 hf_quote(value->text, value->length).text, value->length, PATH_BYTES);
    else if (!is_absolute)
        hf_fault(faults, value->pos, "path %s is relative: write it from / on%s", hf_quote(value->text, value->length).text,
                 value->text[0] == '~'   ? ", the home directory too"
                 : value->text[0] == '$' ? ", since variables are not filled in"
                                         : "");
    else if (has_dotdot(value->text))
        hf_fault(faults, value->pos, "path %s has '..' in it: write where it leads",
                 hf_quote(value->text, value->length).text);
    else
        return true;
    return false;
}

static void read_paths(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target,
                       bool is_root_refused)
{
    struct hf_path_list *list = hf_field(target, row->value);
    struct hf_path *grown;

    if (!hf_expect(faults, value, HF_NODE_LIST, row->key, "a list of paths"))
        return;
    list->given = true;
    list->pos = value->pos;
    for (const struct hf_node *item = value->first; item; item = item->next) {
        if (!hf_expect(faults, item, HF_NODE_STRING, row->key, "a path") ||
            !check_path(faults, item, item->text[0] == '/'))
            continue;
        if (is_root_refused && is_root(item->text)) {
            hf_fault(faults, item->pos, "path %s in '%s' would make everything writable: list the directories that the "
                                        "command writes to", hf_quote(item->text, item->length).text, row->key);
            continue;
        }
        grown = hf_grow(faults, list->items, list->count, sizeof(*grown));
        if (!grown)
            return;
        list->items = grown;
        grown += list->count;
        *grown = (struct hf_path){.path = hf_copy(faults, item->text, item->length), .pos = item->pos};
        if (!grown->path)
            return;
        list->count++;
    }
}

void hf_read_paths(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    read_paths(faults, value, row, target, false);
}

void hf_read_writable_paths(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row,
                            void *target)
{
    read_paths(faults, value, row, target, true);
}

void hf_read_binary_path(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    char **path = hf_field(target, row->value);
    struct hf_pos *pos = hf_field(target, row->pos);

    if (!hf_expect(faults, value, HF_NODE_STRING, row->key, "a path"))
        return;
    /* Patterns are allowed, and "**" (every binary) is in use without a slash. */
    if (!check_path(faults, value, value->text[0] == '/' || strncmp(value->text, "**/", 3) == 0 ||
                                       strcmp(value->text, "**") == 0))
        return;
    *path = hf_copy(faults, value->text, value->length);
    *pos = value->pos;
}
