/* The search of ld.so(8), "when resolving shared object dependencies", with the environment that the command gets. */
#include "enforce/libraries.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "enforce/elf.h"
#include "enforce/grants.h"
#include "enforce/ld_cache.h"

/* Libraries of libraries are followed up to this many, which no program met so far comes near. */
#define OBJECTS_MOST 256

/* glibc's own directories, as Debian and as others build it. */
static const char default_directories[] =
    "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/lib64:/usr/lib64:/lib:/usr/lib";

struct object {
    struct object *next; /* which was found after it */
    const char *name; /* as DT_NEEDED has it; NULL for the program */
    char *path;       /* NULL: there is none */
    struct hf_elf elf; /* empty where it cannot be read */
    const struct object *parent; /* which needs it */
};

struct walk {
    const struct hf_prepared *prepared;
    hf_library_sink *denied;
    void *context;
    struct object *first, *last; /* the program and the one found last */
    size_t count;
};

/* The search for one library. */
struct search {
    const struct walk *walk;
    const struct object *object; /* which needs it */
    const char *name;
    struct object found;
    struct object denied; /* the first place where it is and is not granted: the loader passes on to the next */
};

/* The loader is there before all others, by the name that libc needs it by. */
static bool is_loader(const struct walk *walk, const char *name)
{
    const char *loader = walk->first->elf.interpreter, *slash = loader ? strrchr(loader, '/') : NULL;

    return slash && strcmp(slash + 1, name) == 0;
}

static bool is_loaded(const struct walk *walk, const char *name)
{
    if (is_loader(walk, name))
        return true;
    for (const struct object *object = walk->first; object; object = object->next)
        if ((object->name && strcmp(object->name, name) == 0) ||
            (object->elf.soname && strcmp(object->elf.soname, name) == 0))
            return true;
    return false;
}

static void leave(struct object *object)
{
    hf_elf_free(&object->elf);
    free(object->path);
    object->path = NULL;
}

/* Takes `path`. The loader passes over what is for another machine; what cannot be read may be right. */
static struct object open_object(char *path)
{
    struct object object = {.path = path};

    if (path && !hf_elf_read(path, &object.elf) && (access(path, R_OK) == 0 || access(path, F_OK) < 0))
        leave(&object);
    return object;
}

/* Takes `path`; true where it is the library. */
static bool try_path(struct search *search, char *path)
{
    struct object object = open_object(path);

    if (!object.path)
        return false;
    if (hf_granted(search->walk->prepared, object.path, HF_FS_READ_FILE)) {
        search->found = object;
        return true;
    }
    if (search->denied.path)
        leave(&object);
    else
        search->denied = object;
    return false;
}

static bool multiarch(void)
{
    return access("/lib/x86_64-linux-gnu", F_OK) == 0;
}

/* What stands for a token at `at`, its length in *length; NULL where it is none that can be told. */
static const char *token(const char *at, size_t left, const struct object *object, size_t *length, int *bytes)
{
    static const char *const names[] = {"$ORIGIN", "${ORIGIN}", "$LIB", "${LIB}"};
    const char *slash = strrchr(object->path, '/');

    for (size_t i = 0; i < 4; i++) {
        const char *value = i < 2 ? object->path : multiarch() ? "lib/x86_64-linux-gnu" : "lib64";

        *length = strlen(names[i]);
        *bytes = i < 2 ? (int)(slash ? slash - object->path : 0) : (int)strlen(value);
        if (*length <= left && strncmp(at, names[i], *length) == 0)
            return value;
    }
    return NULL;
}

/* One directory of a list, its tokens put in, and the name behind it. The caller frees it; NULL: it cannot be told. */
static char *place(const char *directory, size_t length, const struct search *search)
{
    char text[PATH_MAX];
    size_t used = 0, taken;

    for (size_t at = 0; at < length; at += taken) {
        int bytes = 1;
        const char *value = directory + at;

        taken = 1;
        if (*value == '$')
            value = token(directory + at, length - at, search->object, &taken, &bytes);
        if (!value || used + (size_t)bytes >= sizeof(text))
            return NULL;
        memcpy(text + used, value, (size_t)bytes);
        used += (size_t)bytes;
    }
    if (used + strlen("/") + strlen(search->name) >= sizeof(text))
        return NULL;
    stpcpy(stpcpy(text + used, length ? "/" : ""), search->name);
    return strdup(text);
}

/* An empty directory of a list is the current one, but an empty list is none. */
static bool try_list(struct search *search, const char *list)
{
    for (const char *at = list && *list ? list : NULL; at;) {
        const size_t length = strcspn(at, ":;");

        if (try_path(search, place(at, length, search)))
            return true;
        at = at[length] ? at + length + 1 : NULL;
    }
    return false;
}

/* DT_RPATH holds for what a library needs, too, unless that has a DT_RUNPATH. */
static bool try_rpaths(struct search *search)
{
    const struct object *const needs = search->object;
    bool found = false;

    for (const struct object *at = needs->elf.runpath ? NULL : needs; at && !found; at = at->parent) {
        search->object = at;
        found = try_list(search, at->elf.rpath);
    }
    search->object = needs;
    return found;
}

/* The cache is of use only where the command may read it, which is told where nothing else would help. */
static bool try_cache(struct search *search)
{
    const bool readable = hf_granted(search->walk->prepared, HF_LD_CACHE, HF_FS_READ_FILE);
    const bool alone = !search->denied.path;
    struct hf_ld_cache cache;
    size_t index = 0;
    const char *path;
    bool found = false;

    hf_ld_cache_open(HF_LD_CACHE, &cache);
    while (!found && (readable || alone) && (path = hf_ld_cache_next(&cache, search->name, &index)))
        found = try_path(search, strdup(path));
    hf_ld_cache_close(&cache);
    if (!readable && (search->found.path || search->denied.path) && alone)
        search->walk->denied(search->walk->context, HF_LD_CACHE, "the loader's cache");
    return found;
}

/* The directories before the cache, which the loader asks first: what it finds is the same, and few need the cache. */
static bool look(struct search *search)
{
    if (strchr(search->name, '/'))
        return try_path(search, strdup(search->name));
    return try_rpaths(search) || try_list(search, getenv("LD_LIBRARY_PATH")) ||
           try_list(search, search->object->elf.runpath) || try_list(search, default_directories) || try_cache(search);
}

/* Takes what `found` holds. */
static void add(struct walk *walk, struct object found, const char *name, const struct object *parent)
{
    struct object *object = walk->count == OBJECTS_MOST || !found.path ? NULL : malloc(sizeof(*object));

    if (!object) {
        leave(&found);
        return;
    }
    *object = found;
    object->name = name;
    object->parent = parent;
    walk->last->next = object;
    walk->last = object;
    walk->count++;
}

/* A library that is denied is followed as well, so that all that is missing is told at once. */
static void need(struct walk *walk, const struct object *object, const char *name)
{
    struct search search = {.walk = walk, .object = object, .name = name};

    if (is_loaded(walk, name))
        return;
    if (look(&search)) {
        leave(&search.denied);
        add(walk, search.found, name, object);
        return;
    }
    if (search.denied.path)
        walk->denied(walk->context, search.denied.path, "a library");
    add(walk, search.denied, name, object);
}

void hf_libraries_follow(const char *program, const struct hf_elf *elf, const struct hf_prepared *prepared,
                         hf_library_sink *denied, void *context)
{
    hf_autofree char *real = realpath(program, NULL);
    struct object first = {.path = real, .elf = *elf}, *next;
    struct walk walk = {.prepared = prepared, .denied = denied, .context = context, .first = &first, .last = &first, .count = 1};

    if (!real)
        return;
    for (const struct object *object = walk.first; object; object = object->next)
        for (size_t i = 0; i < object->elf.needed_count; i++)
            need(&walk, object, object->elf.needed[i]);
    for (struct object *object = first.next; object; object = next) {
        next = object->next;
        leave(object);
        free(object);
    }
}
