/* Law 4's check: walks what execve(2) and ld.so(8) will open, and asks each against the opened rules. */
#include "enforce/reach.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "enforce/grants.h"
#include "enforce/libraries.h"
#include "enforce/missing.h"

/* execve(2) opens for reading as well, and Landlock asks for both (security/landlock/fs.c). */
#define EXECUTED (HF_FS_EXECUTE | HF_FS_READ_FILE)

/* A script's env(1) may run another such script. */
#define ENV_DEPTH 5

struct walk {
    const struct hf_prepared *prepared;
    struct hf_missing missing;
};

static bool is_granted(const struct walk *walk, const char *path)
{
    return hf_granted(walk->prepared, path, EXECUTED);
}

/* A file that is not there is not the policy's to give. */
static void need(struct walk *walk, const char *path, const char *what)
{
    if (!is_granted(walk, path) && access(path, F_OK) == 0)
        hf_missing_add(&walk->missing, path, what);
}

static void lacks_library(void *context, const char *path, const char *what)
{
    struct walk *walk = context;

    hf_missing_add(&walk->missing, path, what);
}

static void need_all(struct walk *walk, const struct hf_chain *chain, const char *command, unsigned depth);

/* env(1) goes on along PATH where it is denied one: the first that is granted, or else the first that is there. */
static void need_by_env(struct walk *walk, const char *name, unsigned depth)
{
    const char *search = hf_command_search();
    hf_autofree char *first = NULL, *path = strchr(name, '/') ? strdup(name) : NULL;
    struct hf_chain chain;

    for (char *next = path ? NULL : hf_command_next(&search, name); next && !path;) {
        if (!first)
            first = strdup(next);
        if (is_granted(walk, next)) {
            path = next;
            break;
        }
        free(next);
        next = hf_command_next(&search, name);
    }
    if (depth == ENV_DEPTH || !(path || first))
        return;
    hf_chain_read(path ? path : first, &chain);
    need_all(walk, &chain, "what env runs", depth + 1);
    hf_chain_free(&chain);
}

static void need_all(struct walk *walk, const struct hf_chain *chain, const char *command, unsigned depth)
{
    const char *const roles[] = {[HF_ROLE_COMMAND] = command,
                                 [HF_ROLE_INTERPRETER] = "a script's interpreter",
                                 [HF_ROLE_LOADER] = "the ELF loader"};

    for (size_t i = 0; i < chain->count; i++)
        need(walk, chain->files[i].path, roles[chain->files[i].role]);
    if (chain->count > 1 && chain->files[chain->count - 1].role == HF_ROLE_LOADER &&
        !strstr(chain->files[chain->count - 1].path, "/ld-musl")) /* its search is another */
        hf_libraries_follow(chain->files[chain->count - 2].path, &chain->elf, walk->prepared, lacks_library, walk);
    if (chain->by_env)
        need_by_env(walk, chain->by_env, depth);
}

bool hf_reach_check(const struct hf_chain *chain, const struct hf_policy *policy, const struct hf_prepared *prepared,
                    struct hf_error *error)
{
    struct walk walk = {.prepared = prepared};
    bool reached;

    need_all(&walk, chain, "the command", 0);
    reached = walk.missing.count == 0;
    if (!reached)
        hf_missing_tell(&walk.missing, policy, prepared, error);
    hf_missing_free(&walk.missing);
    return reached;
}
