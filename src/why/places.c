#include "why/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/yaml_path.h"

/* One place of the text, and what happens there. */
struct place {
    struct hf_pos pos;
    const char *const *added; /* to the list that begins there; NULL: the item there is taken out */
    size_t count;
    bool leaves_nothing; /* the item is the list's only one, and none is added */
};

const char *hf_places_column(const struct hf_line *line, unsigned column)
{
    const char *at = line->text, *end = at + line->length;

    for (; column > 1 && at < end; column--)
        for (at++; at < end && ((unsigned char)*at & 0xc0) == 0x80;)
            at++;
    return at < end ? at : NULL;
}

void hf_places_write(const char *const *paths, size_t count, FILE *stream)
{
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ", " : "", stream);
        hf_scalar_write(paths[i], stream);
    }
}

/* What the line is by now. What stands before a place that has had its turn is as it was. */
static char *current(const struct hf_line *line)
{
    return line->instead ? strdup(line->instead) : strndup(line->text, line->length);
}

/* Into "[...]", after the bracket. */
static bool add_to_flow(struct hf_line *line, size_t offset, const struct place *place)
{
    hf_autofree char *old = current(line);
    char *made = NULL;
    size_t size;
    FILE *stream = old ? open_memstream(&made, &size) : NULL;

    if (!stream)
        return false;
    fwrite(old, 1, offset + 1, stream);
    hf_places_write(place->added, place->count, stream);
    if (old[offset + 1 + strspn(old + offset + 1, " ")] != ']')
        fputs(", ", stream);
    fputs(old + offset + 1, stream);
    if (fclose(stream) != 0)
        return false;
    free(line->instead);
    line->instead = made;
    return true;
}

/* Before the first "- ", with its indentation. */
static bool add_to_block(struct hf_line *line, size_t offset, const struct place *place)
{
    size_t size;
    FILE *stream = open_memstream(&line->before, &size);

    for (size_t i = 0; stream && i < place->count; i++) {
        fprintf(stream, "%.*s- ", (int)offset, line->text);
        hf_scalar_write(place->added[i], stream);
        fputc('\n', stream);
    }
    return stream && fclose(stream) == 0;
}

/* How long a plain or quoted path is; 0 where it does not end in this line. */
static size_t scalar_length(const char *at)
{
    const char *end = at + 1;

    if (*at != '"' && *at != '\'')
        return strcspn(at, ",]");
    while (*end && *end != *at)
        end += *at == '"' && *end == '\\' && end[1] ? 2 : 1;
    return *end ? (size_t)(end - at) + 1 : 0;
}

/* With the comma behind it, or else with the one before it. */
static bool take_from_flow(struct hf_line *line, size_t offset)
{
    char *text = current(line), *from = text ? text + offset : NULL, *behind;

    if (!text)
        return false;
    behind = from + scalar_length(from);
    if (*behind == ',')
        behind += 1 + strspn(behind + 1, " ");
    else
        while (from > text && (from[-1] == ' ' || from[-1] == ','))
            from--;
    memmove(from, behind, strlen(behind) + 1);
    free(line->instead);
    line->instead = text;
    return true;
}

static bool take_from_block(struct hf_line *line, size_t offset, bool leaves_nothing)
{
    if (!leaves_nothing) {
        line->dropped = true;
        return true;
    }
    free(line->instead);
    return asprintf(&line->instead, "%.*s[]", (int)offset, line->text) > 0;
}

static bool change_at(struct hf_lines *lines, const struct place *place)
{
    struct hf_line *line;
    const char *at;
    size_t offset, dash;

    if (place->pos.line == 0 || place->pos.line > lines->count)
        return false;
    line = &lines->items[place->pos.line - 1];
    at = hf_places_column(line, place->pos.column);
    if (!at)
        return false;
    offset = (size_t)(at - line->text);
    if (place->added)
        return *at == '[' ? add_to_flow(line, offset, place) : *at == '-' && add_to_block(line, offset, place);
    dash = strspn(line->text, " ");
    return line->text[dash] == '-' ? take_from_block(line, dash, place->leaves_nothing) : take_from_flow(line, offset);
}

static int from_the_end(const void *left, const void *right)
{
    const struct hf_pos *a = &((const struct place *)left)->pos, *b = &((const struct place *)right)->pos;

    return a->line != b->line ? (a->line < b->line ? 1 : -1) : (a->column < b->column) - (a->column > b->column);
}

static bool moves(const struct hf_change *change, const char *path)
{
    for (size_t i = 0; i < change->read_write_count; i++)
        if (hf_path_is_same(change->read_write[i], path))
            return true;
    return false;
}

bool hf_places_change(struct hf_lines *lines, const struct hf_policy *policy, const struct hf_change *change)
{
    const struct hf_path_list *from = &policy->read_only;
    hf_autofree struct place *places = calloc(from->count + 2, sizeof(*places));
    size_t count = 0, taken = 0;

    if (!places)
        return false;
    for (size_t i = 0; i < from->count; i++)
        if (moves(change, from->items[i].path))
            places[count++] = (struct place){.pos = from->items[i].pos, .leaves_nothing = ++taken == from->count &&
                                                                                          !change->read_only_count};
    if (from->given && change->read_only_count)
        places[count++] = (struct place){from->pos, change->read_only, change->read_only_count, false};
    if (policy->read_write.given && change->read_write_count)
        places[count++] = (struct place){policy->read_write.pos, change->read_write, change->read_write_count, false};
    qsort(places, count, sizeof(*places), from_the_end);
    for (size_t i = 0; i < count; i++)
        if (!change_at(lines, &places[i]))
            return false;
    return true;
}
