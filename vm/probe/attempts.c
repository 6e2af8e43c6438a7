/* Attempts at getting out of a sandbox: the tables of the themes, put together. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "probe.h"

static const struct probe_attempt *const tables[] = {probe_attempts_files, probe_attempts_metadata, probe_attempts_processes,
                                                    probe_attempts_ipc, probe_attempts_kernel, probe_attempts_exec};

#define TABLE_COUNT (sizeof(tables) / sizeof(tables[0]))

static const struct probe_attempt *find(const char *name)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
        for (const struct probe_attempt *attempt = tables[i]; attempt->name; attempt++)
            if (strcmp(attempt->name, name) == 0)
                return attempt;
    return NULL;
}

bool probe_attempt_known(const char *name)
{
    return find(name) != NULL;
}

void probe_attempt_help(FILE *stream)
{
    for (size_t i = 0; i < TABLE_COUNT; i++)
        for (const struct probe_attempt *attempt = tables[i]; attempt->name; attempt++)
            fprintf(stream, "  %-26s%s\n", attempt->name, attempt->what);
}

static int in_child(const void *data)
{
    char *const *arguments = data;

    return find(arguments[0])->run(arguments + 1);
}

static int try(char *const *arguments, FILE *answer)
{
    const struct probe_attempt *attempt = find(arguments[0]);

    return attempt->marks ? probe_in_child(in_child, arguments, answer) : attempt->run(arguments + 1);
}

int probe_try(char *const *arguments, FILE *answer)
{
    return try(arguments, answer);
}

int probe_try_at(char *const *arguments, FILE *answer)
{
    return try(arguments, answer);
}

int probe_try_between(char *const *arguments, FILE *answer)
{
    return try(arguments, answer);
}
