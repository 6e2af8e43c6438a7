/* Finding the command, and the files that execve(2) opens for it. */
#ifndef HF_ENFORCE_COMMAND_H
#define HF_ENFORCE_COMMAND_H

#include <stddef.h>

#include "base/error.h"
#include "enforce/elf.h"

/* The command, the five interpreters that the kernel goes through (fs/exec.c), and the last one's loader. */
#define HF_CHAIN_MOST 7

enum hf_role { HF_ROLE_COMMAND, HF_ROLE_INTERPRETER, HF_ROLE_LOADER };

struct hf_chain {
    struct {
        char *path;
        enum hf_role role;
    } files[HF_CHAIN_MOST]; /* each asks for the next one */
    size_t count;
    char *by_env;      /* what an interpreter that is env(1) is to run, or NULL */
    struct hf_elf elf; /* of the program at the end, before its loader; empty where that is none */
};

/* Finds `name` as execvp(3) would, from the current directory and PATH. The caller frees *path. */
bool hf_command_find(const char *name, char **path, struct hf_error *error);

/* PATH's value, or what stands for it. */
const char *hf_command_search(void);

/* The next program of that name along *search, which begins as hf_command_search and goes on; NULL at its end. The caller
 * frees it. */
char *hf_command_next(const char **search, const char *name);

/* Follows the command from file to file as far as they can be read. The caller frees it with hf_chain_free. */
void hf_chain_read(const char *command, struct hf_chain *chain);
void hf_chain_free(struct hf_chain *chain);

/* Reads the first line of a script into `line`: its interpreter, and the rest as the one argument that the kernel makes of it.
 * False where the file is no script. */
#define HF_SCRIPT_LINE 256 /* BINPRM_BUF_SIZE */
bool hf_script_read(const char *path, char line[HF_SCRIPT_LINE], char **interpreter, char **argument);

/* Writes how a message calls one of the files: its path, and whose interpreter or loader it is. */
void hf_chain_call(const struct hf_chain *chain, size_t index, char *text, size_t size);

#endif
