/* Text made neutral: names of people and machines replaced, and what a scenario would take for a variable escaped.
 * Pure. */
#ifndef HF_REPORT_NEUTRAL_H
#define HF_REPORT_NEUTRAL_H

#include <stdbool.h>
#include <stddef.h>

struct hf_name {
    char *from;
    const char *to;
    bool path; /* stands for itself and for what is below it; else it is a word, wherever it stands */
};

struct hf_names {
    struct hf_name items[16];
    size_t count;
};

/* Adds a name (copied); one that is NULL, empty or one too many is passed over. */
void hf_names_add(struct hf_names *names, const char *from, const char *to, bool path);
void hf_names_free(struct hf_names *names);

/* The path is one of the names that are paths, or below one. */
bool hf_names_cover(const struct hf_names *names, const char *path);

/* The text with every name replaced, the longest where several fit, and with each `${` as `${DOLLAR}{`. The caller
 * frees it; NULL when memory is out. */
char *hf_neutral(const struct hf_names *names, const char *text, size_t length);

#endif
