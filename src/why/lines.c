#include "why/lines.h"

#include <stdlib.h>
#include <string.h>

bool hf_lines_split(const char *text, size_t length, struct hf_lines *lines)
{
    const char *at = text, *end = text + length;
    size_t room = 1;

    for (size_t i = 0; i < length; i++)
        room += text[i] == '\n';
    *lines = (struct hf_lines){.items = calloc(room, sizeof(*lines->items)),
                               .open_ended = length && text[length - 1] != '\n'};
    while (lines->items && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        lines->items[lines->count++] = (struct hf_line){.text = at, .length = (size_t)((newline ? newline : end) - at)};
        at = newline ? newline + 1 : end;
    }
    return lines->items;
}

void hf_lines_free(struct hf_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->items[i].before);
        free(lines->items[i].instead);
    }
    free(lines->items);
    free(lines->after);
    *lines = (struct hf_lines){0};
}

static void write_line(const struct hf_line *line, FILE *stream)
{
    if (line->instead)
        fputs(line->instead, stream);
    else
        fwrite(line->text, 1, line->length, stream);
    fputc('\n', stream);
}

char *hf_lines_changed(const struct hf_lines *lines, size_t *length)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, length);

    if (!stream)
        return NULL;
    for (size_t i = 0; i < lines->count; i++) {
        fputs(lines->items[i].before ? lines->items[i].before : "", stream);
        if (!lines->items[i].dropped)
            write_line(&lines->items[i], stream);
    }
    fputs(lines->after ? lines->after : "", stream);
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

static size_t count_lines(const char *text)
{
    size_t count = 0;

    for (; text && *text; text++)
        count += *text == '\n';
    return count;
}

static void write_added(const char *text, FILE *stream)
{
    for (bool at_start = true; text && *text; text++) {
        fputs(at_start ? "+" : "", stream);
        fputc(*text, stream);
        at_start = *text == '\n';
    }
}

void hf_lines_diff(const struct hf_lines *lines, FILE *stream)
{
    const char *no_newline = "\\ No newline at end of file\n";
    size_t added = 0;

    for (size_t i = 0; i < lines->count; i++) {
        const struct hf_line *line = &lines->items[i];
        const bool ends_open = i + 1 == lines->count && lines->open_ended && lines->after;
        const bool goes = line->instead || line->dropped || ends_open;
        const size_t comes = count_lines(line->before) + (goes && !line->dropped);

        if (!comes && !goes)
            continue;
        /* Where nothing comes or goes, the number is that of the line before. */
        fprintf(stream, "@@ -%zu,%d +%zu,%zu @@\n", goes ? i + 1 : i, goes, comes ? i + 1 + added : i + added, comes);
        if (goes)
            fprintf(stream, "-%.*s\n", (int)line->length, line->text);
        if (goes && i + 1 == lines->count && lines->open_ended)
            fputs(no_newline, stream);
        write_added(line->before, stream);
        if (goes && !line->dropped) {
            fputc('+', stream);
            write_line(line, stream);
        }
        added += comes - goes;
    }
    if (lines->after) {
        fprintf(stream, "@@ -%zu,0 +%zu,%zu @@\n", lines->count, lines->count + 1 + added, count_lines(lines->after));
        write_added(lines->after, stream);
    }
}
