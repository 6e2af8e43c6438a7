/* Parsing the cell list: a table of directives, and one function for each. */
#include "cells.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"

struct field {
    char *text;
    size_t length;
};

struct parser {
    struct cell_list *list;
    struct cells_error *error;
    struct cell *cell; /* the open one, or NULL */
    struct field *fields;
    size_t field_count; /* of the current line, without the directive */
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct parser *parser, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(parser->error->message, sizeof(parser->error->message), format, arguments);
    va_end(arguments);
    return false;
}

/* Makes room for one more element; the room is doubled where the count is a power of two. NULL for want of memory. */
static void *grow(void *array, size_t count, size_t size)
{
    return count & (count - 1) ? array : reallocarray(array, count ? count * 2 : 1, size);
}

#define APPEND(parser, array, count, ...)                                   \
    ({                                                                      \
        void *const grown = grow((void *)(array), (count), sizeof(*(array))); \
        if (grown) {                                                        \
            (array) = grown;                                                \
            (array)[(count)++] = __VA_ARGS__;                               \
        }                                                                   \
        grown ? true : refuse((parser), "out of memory");                   \
    })

static bool number(struct parser *parser, const struct field *field, int base, unsigned long most, unsigned long *value)
{
    char *end;

    if (!isxdigit((unsigned char)field->text[0]))
        return refuse(parser, "'%s' is not a number", field->text);
    *value = strtoul(field->text, &end, base);
    if (*end || end != field->text + field->length || *value > most)
        return refuse(parser, "'%s' is not a number up to %lu%s", field->text, most, base == 8 ? ", in octal" : "");
    return true;
}

/* (uid_t)-1 means "leave it" to the calls that take one. */
static bool identity(struct parser *parser, const struct field fields[2], uid_t *uid, gid_t *gid)
{
    unsigned long user, group;

    if (!number(parser, &fields[0], 10, (uid_t)-2, &user) || !number(parser, &fields[1], 10, (gid_t)-2, &group))
        return false;
    *uid = (uid_t)user;
    *gid = (gid_t)group;
    return true;
}

static bool has_dotdot(const char *path)
{
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return true;
    }
    return false;
}

/* Nothing is made outside of what is private in every world: in the host lane / is the host's own. */
static bool creatable(struct parser *parser, const char *path)
{
    static const char *const private[] = {"/mnt/", "/run/", "/tmp/"};
    bool inside = path[0] && path[0] != '/';

    for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++)
        inside |= strncmp(path, private[i], strlen(private[i])) == 0;
    if (!inside || has_dotdot(path))
        return refuse(parser, "'%s' is neither inside the cell nor below /mnt, /run or /tmp", path);
    return true;
}

static bool add_step(struct parser *parser, struct cell_step step)
{
    struct cell *cell = parser->cell;

    return creatable(parser, step.path) && APPEND(parser, cell->steps, cell->step_count, step);
}

static bool parse_cell(struct parser *parser)
{
    struct cell cell = {.id = parser->fields[0].text};
    unsigned long timeout;

    if (!cell.id[0])
        return refuse(parser, "a cell needs an id");
    if (!number(parser, &parser->fields[1], 10, 3600000, &timeout))
        return false;
    cell.timeout_ms = (int)timeout;
    if (!APPEND(parser, parser->list->cells, parser->list->count, cell))
        return false;
    parser->cell = &parser->list->cells[parser->list->count - 1];
    return true;
}

static bool parse_user(struct parser *parser)
{
    if (parser->cell->has_user)
        return refuse(parser, "a second user in one cell");
    parser->cell->has_user = true;
    return identity(parser, parser->fields, &parser->cell->uid, &parser->cell->gid);
}

static bool parse_dir(struct parser *parser)
{
    unsigned long mode;

    return number(parser, &parser->fields[0], 8, 07777, &mode) &&
           add_step(parser, (struct cell_step){.kind = CELL_DIR, .path = parser->fields[1].text, .mode = (mode_t)mode});
}

static bool parse_file(struct parser *parser)
{
    const struct field *fields = parser->fields;
    unsigned long mode;

    return number(parser, &fields[0], 8, 07777, &mode) &&
           add_step(parser, (struct cell_step){.kind = CELL_FILE,
                                               .path = fields[1].text,
                                               .mode = (mode_t)mode,
                                               .text = fields[2].text,
                                               .length = fields[2].length});
}

static bool parse_symlink(struct parser *parser)
{
    return add_step(parser, (struct cell_step){.kind = CELL_SYMLINK,
                                               .path = parser->fields[0].text,
                                               .text = parser->fields[1].text});
}

static bool parse_own(struct parser *parser)
{
    struct cell_step step = {.kind = CELL_OWN, .path = parser->fields[2].text};

    return identity(parser, parser->fields, &step.uid, &step.gid) && add_step(parser, step);
}

static bool parse_readonly(struct parser *parser)
{
    return add_step(parser, (struct cell_step){.kind = CELL_READONLY, .path = parser->fields[0].text});
}

static bool parse_env(struct parser *parser)
{
    struct cell *cell = parser->cell;
    const char *name = parser->fields[0].text;

    if (!name[0] || strchr(name, '='))
        return refuse(parser, "'%s' is no name of a variable", name);
    return APPEND(parser, cell->env, cell->env_count, name) &&
           APPEND(parser, cell->env, cell->env_count, parser->fields[1].text);
}

static bool parse_send(struct parser *parser)
{
    struct cell *cell = parser->cell;

    return APPEND(parser, cell->sends, cell->send_count, parser->fields[0].text);
}

static bool parse_run(struct parser *parser)
{
    struct cell *cell = parser->cell;

    if (cell->argc)
        return refuse(parser, "a second run in one cell");
    for (size_t i = 0; i < parser->field_count; i++)
        if (!APPEND(parser, cell->argv, cell->argc, parser->fields[i].text))
            return false;
    if (!APPEND(parser, cell->argv, cell->argc, NULL))
        return false;
    cell->argc--;
    return true;
}

static bool parse_end(struct parser *parser)
{
    if (!parser->cell->argc)
        return refuse(parser, "cell '%s' has nothing to run", parser->cell->id);
    parser->cell = NULL;
    return true;
}

#define ANY ((size_t)-1)

static const struct directive {
    const char *name;
    bool inside; /* of a cell */
    size_t least;
    size_t most;
    bool (*parse)(struct parser *parser);
} directives[] = {
    {"cell", false, 2, 2, parse_cell},    {"user", true, 2, 2, parse_user}, {"dir", true, 2, 2, parse_dir},
    {"file", true, 3, 3, parse_file},     {"own", true, 3, 3, parse_own},   {"symlink", true, 2, 2, parse_symlink},
    {"env", true, 2, 2, parse_env},       {"send", true, 1, 1, parse_send}, {"run", true, 1, ANY, parse_run},
    {"end", true, 0, 0, parse_end},       {"readonly", true, 1, 1, parse_readonly},
};

/* Only a file's content may hold a NUL; it is the third field of `file`, which takes no more. */
static bool decode(struct parser *parser, const struct directive *directive, size_t index)
{
    struct field *field = &parser->fields[index];
    const ssize_t length = decode_field(field->text);

    if (length < 0)
        return refuse(parser, "a %% without two hexadecimal digits in field %zu", index + 1);
    field->length = (size_t)length;
    if (strlen(field->text) != field->length && !(directive->parse == parse_file && index == 2))
        return refuse(parser, "a NUL in field %zu", index + 1);
    return true;
}

static bool split(struct parser *parser, char *rest)
{
    parser->field_count = 0;
    while (rest) {
        const struct field field = {.text = strsep(&rest, " ")};

        if (!field.text[0])
            return refuse(parser, "an empty field: fields are separated by one space, an empty one is %%00");
        if (!APPEND(parser, parser->fields, parser->field_count, field))
            return false;
    }
    return true;
}

static bool parse_directive(struct parser *parser, const struct directive *directive)
{
    if (parser->field_count < directive->least || parser->field_count > directive->most)
        return refuse(parser, "'%s' takes %zu field%s%s, not %zu", directive->name, directive->least,
                      directive->least == 1 ? "" : "s", directive->most == ANY ? " or more" : "", parser->field_count);
    if (directive->inside && !parser->cell)
        return refuse(parser, "'%s' outside of a cell", directive->name);
    if (!directive->inside && parser->cell)
        return refuse(parser, "'%s' before the end of cell '%s'", directive->name, parser->cell->id);
    for (size_t i = 0; i < parser->field_count; i++)
        if (!decode(parser, directive, i))
            return false;
    return directive->parse(parser);
}

static bool parse_line(struct parser *parser, char *line)
{
    const char *name = strsep(&line, " ");

    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
        if (strcmp(directives[i].name, name) == 0)
            return split(parser, line) && parse_directive(parser, &directives[i]);
    return refuse(parser, "unknown directive '%s'", name);
}

static bool parse_all(struct parser *parser, char *rest)
{
    while (rest) {
        char *line = strsep(&rest, "\n");

        parser->error->line++;
        if (line[0] && !parse_line(parser, line))
            return false;
    }
    return parser->cell ? refuse(parser, "cell '%s' has no end", parser->cell->id) : true;
}

bool cells_parse(const char *text, size_t length, struct cell_list *list, struct cells_error *error)
{
    struct parser parser = {.list = list, .error = error};
    bool done;

    *error = (struct cells_error){0};
    *list = (struct cell_list){.text = malloc(length + 1)};
    if (!list->text)
        return refuse(&parser, "out of memory");
    memcpy(list->text, text, length);
    list->text[length] = '\0';
    if (strlen(list->text) != length) {
        for (const char *at = list->text; *at; at++)
            error->line += *at == '\n';
        error->line++;
        done = refuse(&parser, "a NUL");
    } else {
        done = parse_all(&parser, list->text);
    }
    free(parser.fields);
    if (!done)
        cells_free(list);
    return done;
}

void cells_free(struct cell_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->cells[i].steps);
        free(list->cells[i].env);
        free(list->cells[i].sends);
        free(list->cells[i].argv);
    }
    free(list->cells);
    free(list->text);
    *list = (struct cell_list){0};
}
