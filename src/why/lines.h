/* A text by its lines, and what becomes of each. */
#ifndef HF_WHY_LINES_H
#define HF_WHY_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct hf_line {
    const char *text;
    size_t length; /* without the newline */
    char *before;  /* whole lines that come before it, or NULL */
    char *instead; /* without a newline, or NULL */
    bool dropped;
};

struct hf_lines {
    struct hf_line *items;
    size_t count;
    char *after;      /* whole lines at the end, or NULL */
    bool open_ended;  /* the last line has no newline */
};

/* False: memory is out. The text must outlive *lines, which the caller frees. */
bool hf_lines_split(const char *text, size_t length, struct hf_lines *lines);
void hf_lines_free(struct hf_lines *lines);

/* The text as it would be; the caller frees it. NULL: memory is out. */
char *hf_lines_changed(const struct hf_lines *lines, size_t *length);

/* The hunks of a unified diff, without context. */
void hf_lines_diff(const struct hf_lines *lines, FILE *stream);

#endif
