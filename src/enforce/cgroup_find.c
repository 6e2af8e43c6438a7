/* Reading where cgroups are. Pure: the texts are the caller's. */
#include "enforce/cgroup_find.h"

#include <stdio.h>
#include <string.h>

static const char *next_line(const char *line)
{
    const char *const end = strchr(line, '\n');

    return end ? end + 1 : line + strlen(line);
}

bool hf_cgroup_own(const char *text, char path[PATH_MAX])
{
    static const char mark[] = "0::", gone[] = " (deleted)";
    const size_t tail = sizeof(gone) - 1;

    for (const char *line = text; *line; line = next_line(line)) {
        const size_t length = strcspn(line, "\n"), prefix = sizeof(mark) - 1;

        if (strncmp(line, mark, prefix) != 0)
            continue;
        if (length - prefix >= PATH_MAX || (length > tail && strncmp(line + length - tail, gone, tail) == 0))
            return false;
        snprintf(path, PATH_MAX, "%.*s", (int)(length - prefix), line + prefix);
        return path[0] == '/';
    }
    return false;
}

/* A field of mountinfo up to `end`: blanks, tabs, newlines and backslashes are written as three octal digits. */
static bool unescape(const char *field, const char *end, char path[PATH_MAX])
{
    size_t used = 0;

    while (field < end && used + 1 < PATH_MAX) {
        if (field[0] == '\\' && end - field >= 4) {
            path[used++] = (char)((field[1] - '0') * 64 + (field[2] - '0') * 8 + (field[3] - '0'));
            field += 4;
        } else {
            path[used++] = *field++;
        }
    }
    path[used] = '\0';
    return field == end;
}

/* "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [OPTIONAL...] - TYPE SOURCE SUPEROPTIONS" */
static bool read_mount(const char *line, struct hf_cgroup_mount *mount)
{
    static const char type[] = " - cgroup2 ";
    const char *const dash = strstr(line, " - "), *const end = line + strcspn(line, "\n");
    const char *fields[6] = {line};

    if (!dash || dash > end || strncmp(dash, type, sizeof(type) - 1) != 0)
        return false;
    for (size_t i = 1; i < sizeof(fields) / sizeof(fields[0]); i++) {
        fields[i] = strchr(fields[i - 1], ' ');
        if (!fields[i] || fields[i] > dash)
            return false;
        fields[i]++;
    }
    return unescape(fields[3], fields[4] - 1, mount->root) && unescape(fields[4], fields[5] - 1, mount->point);
}

const char *hf_cgroup_next_mount(const char *at, struct hf_cgroup_mount *mount)
{
    while (*at) {
        const char *line = at;

        at = next_line(line);
        if (read_mount(line, mount))
            return at;
    }
    return NULL;
}

bool hf_cgroup_path(const struct hf_cgroup_mount *mount, const char *cgroup, char path[PATH_MAX])
{
    const size_t root = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);
    const char *below = cgroup + root;

    if (strncmp(cgroup, mount->root, root) != 0 || (*below != '/' && *below != '\0'))
        return false;
    if (strcmp(below, "/") == 0)
        below = "";
    return snprintf(path, PATH_MAX, "%s%s", mount->point, below) < PATH_MAX;
}
