/* A policy of a file, and its faults as text, for tests of what lies below the library. */
#ifndef HF_TESTS_UNIT_POLICY_FILE_H
#define HF_TESTS_UNIT_POLICY_FILE_H

#include <stdio.h>

#include "base/cleanup.h"
#include "policy/policy.h"

static inline bool policy_from_file(const char *file, struct hf_policy *policy, struct hf_diagnostics *diagnostics)
{
    hf_autofree char *text = NULL;
    size_t length;

    *policy = (struct hf_policy){0};
    return hf_policy_read(file, &text, &length, diagnostics) && hf_policy_parse(text, length, policy, diagnostics);
}

static inline void print_diagnostics(const struct hf_diagnostics *diagnostics, const char *file, FILE *stream)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct hf_diagnostic *item = &diagnostics->items[i];

        if (item->pos.column)
            fprintf(stream, "%s:%u:%u: %s\n", file, item->pos.line, item->pos.column, item->message);
        else
            fprintf(stream, "%s%s%s: %s\n", file, item->field ? ":" : "", item->field ? item->field : "",
                    item->message);
    }
}

#endif
