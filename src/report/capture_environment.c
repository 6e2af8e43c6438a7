/* The environment as it was before the command ran. */
#include "report/capture_environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/capture_policy.h"

#define MOST_BYTES 4096

char **hf_environment_look(const struct hf_names *names)
{
    size_t count = 0, kept = 0;
    char **copy;

    while (environ[count])
        count++;
    copy = calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; copy && i < count; i++) {
        const size_t length = strlen(environ[i]);

        if (length > MOST_BYTES || !strchr(environ[i], '=') || !hf_is_text(environ[i], length))
            continue;
        copy[kept] = hf_neutral(names, environ[i], length);
        if (!copy[kept++]) {
            hf_environment_free(copy);
            return NULL;
        }
    }
    return copy;
}

void hf_environment_free(char **environment)
{
    for (size_t i = 0; environment && environment[i]; i++)
        free(environment[i]);
    free(environment);
}

void hf_environment_write(struct hf_yaml *yaml, char *const *environment)
{
    hf_yaml_text(yaml, "env");
    hf_yaml_text(yaml, "-i");
    for (char *const *entry = environment; *entry; entry++)
        hf_yaml_text(yaml, *entry);
}
