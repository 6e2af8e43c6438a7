/* The cell list: what is to be run, one cell after the other, each in a fresh directory. Parsing it is pure. */
#ifndef HF_VM_CELLS_H
#define HF_VM_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CELL_DIRECTORY "/mnt/cell"

enum cell_step_kind { CELL_DIR, CELL_FILE, CELL_SYMLINK, CELL_OWN, CELL_READONLY };

/* Something that is made before the command starts. */
struct cell_step {
    enum cell_step_kind kind;
    const char *path; /* relative to CELL_DIRECTORY, or absolute below a private tmpfs: /mnt, /run or /tmp */
    mode_t mode;
    const char *text; /* a file's content, a symbolic link's target */
    size_t length;
    uid_t uid;
    gid_t gid;
};

struct cell {
    const char *id;
    int timeout_ms;
    bool has_user;
    uid_t uid;
    gid_t gid;
    struct cell_step *steps;
    size_t step_count;
    const char **env; /* name, value, name, value ... */
    size_t env_count; /* of strings */
    const char **sends;
    size_t send_count;
    const char **argv;
    size_t argc;
};

struct cell_list {
    struct cell *cells;
    size_t count;
    char *text; /* into which all strings above point */
};

struct cells_error {
    size_t line; /* 0: no line, but memory, was at fault */
    char message[160];
};

/* Reads a list of `length` bytes. False with *error; *list needs cells_free only after true. */
bool cells_parse(const char *text, size_t length, struct cell_list *list, struct cells_error *error);

void cells_free(struct cell_list *list);

#endif
