/* From a script to its interpreter, and so on, to a program and its loader (execve(2), "Interpreter scripts"). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "enforce/command.h"
#include "enforce/elf.h"

#define BLANKS " \t"

static bool add(struct hf_chain *chain, const char *path, enum hf_role role)
{
    char *copy = chain->count < HF_CHAIN_MOST ? strdup(path) : NULL;

    if (!copy)
        return false;
    chain->files[chain->count].path = copy;
    chain->files[chain->count++].role = role;
    return true;
}

bool hf_script_read(const char *path, char line[HF_SCRIPT_LINE], char **interpreter, char **argument)
{
    hf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const ssize_t length = fd < 0 ? -1 : read(fd, line, HF_SCRIPT_LINE - 1);

    if (length < 3 || line[0] != '#' || line[1] != '!')
        return false;
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    *interpreter = line + 2 + strspn(line + 2, BLANKS);
    *argument = *interpreter + strcspn(*interpreter, BLANKS);
    if (**argument)
        *(*argument)++ = '\0';
    *argument += strspn(*argument, BLANKS);
    return **interpreter;
}

/* The program of `env NAME` and `env -S NAME ...`; with other options or variables it is not looked for. */
static char *program_of_env(const char *interpreter, const char *argument)
{
    const char *slash = strrchr(interpreter, '/');
    bool split;

    if (strcmp(slash ? slash + 1 : interpreter, "env") != 0)
        return NULL;
    split = strncmp(argument, "-S", 2) == 0;
    if (split)
        argument += 2 + strspn(argument + 2, BLANKS);
    else if (strpbrk(argument, BLANKS))
        return NULL; /* one name with blanks in it, which env says best */
    if (!*argument || *argument == '-' || memchr(argument, '=', strcspn(argument, BLANKS)))
        return NULL;
    return strndup(argument, strcspn(argument, BLANKS));
}

void hf_chain_read(const char *command, struct hf_chain *chain)
{
    const char *path = command;
    char line[HF_SCRIPT_LINE], *interpreter, *argument;

    *chain = (struct hf_chain){0};
    if (!add(chain, command, HF_ROLE_COMMAND))
        return;
    while (chain->count < HF_CHAIN_MOST - 1 && hf_script_read(path, line, &interpreter, &argument)) {
        if (!add(chain, interpreter, HF_ROLE_INTERPRETER))
            return;
        free(chain->by_env);
        chain->by_env = program_of_env(interpreter, argument);
        path = chain->files[chain->count - 1].path;
    }
    if (hf_elf_read(path, &chain->elf) && chain->elf.interpreter)
        (void)add(chain, chain->elf.interpreter, HF_ROLE_LOADER);
}

void hf_chain_free(struct hf_chain *chain)
{
    while (chain->count)
        free(chain->files[--chain->count].path);
    free(chain->by_env);
    chain->by_env = NULL;
    hf_elf_free(&chain->elf);
}

void hf_chain_call(const struct hf_chain *chain, size_t index, char *text, size_t size)
{
    static const char *const roles[] = {
        [HF_ROLE_INTERPRETER] = ", the interpreter of ", [HF_ROLE_LOADER] = ", the ELF loader of "};
    const bool first = index == 0;

    snprintf(text, size, "%s%s%s", chain->files[index].path, first ? "" : roles[chain->files[index].role],
             first ? "" : chain->files[index - 1].path);
}
