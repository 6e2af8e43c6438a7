/* What the cases of a caller share. */
#ifndef CALLER_H
#define CALLER_H

#include <errno.h>
#include <holdfast.h>
#include <stdlib.h>

#define HOLDS(condition) \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno), exit(1)))

/* A sandbox of the empty policy. */
struct started {
    struct hf_policy *policy;
    struct hf_sandbox *sandbox;
};

extern const struct hf_options usual;

struct started start_well(const struct hf_options *options, const char *shell_command);

/* Starts a shell that says by its output when it is ready, and waits for that. */
struct started start_ready(const struct hf_options *options, const char *shell_command);

void end(const struct started *it);

/* Waits, frees, and holds the end against what it should be. */
void ends_with(const struct started *it, enum hf_exit_kind kind, int status);

struct test_case {
    const char *name;
    void (*run)(void);
};

#define CASE(name) {#name, name}

/* Each ends with a name that is NULL. */
extern const struct test_case handle_cases[], life_cases[], state_cases[], thread_cases[];

#endif
