/* The message and the patch of HF_EXEC_UNREACHABLE. */
#include "enforce/missing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/yaml_path.h"

/* From so many libraries in one directory on the patch names that. */
#define MANY_LIBRARIES 4

/* As it can stand in a policy: absolute and without "..", and otherwise with its links. The caller frees it. */
static char *absolute_of(const char *path)
{
    char directory[PATH_MAX], *absolute;

    if (strstr(path, "../"))
        return realpath(path, NULL);
    if (path[0] == '/')
        return strdup(path);
    path += 2 * (size_t)(strncmp(path, "./", 2) == 0);
    return getcwd(directory, sizeof(directory)) && asprintf(&absolute, "%s/%s", directory, path) >= 0 ? absolute : NULL;
}

void hf_missing_add(struct hf_missing *missing, const char *path, const char *what)
{
    hf_autofree char *absolute = absolute_of(path);

    for (size_t i = 0; absolute && i < missing->count; i++)
        if (strcmp(missing->files[i].path, absolute) == 0)
            return;
    if (!absolute || missing->count == HF_MISSING_MOST)
        return;
    missing->files[missing->count].path = hf_steal(absolute, NULL);
    missing->files[missing->count++].what = what;
}

void hf_missing_free(struct hf_missing *missing)
{
    while (missing->count)
        free(missing->files[--missing->count].path);
}

/* Adds to a text as far as it has room. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static void tell_one(const char *path, const char *what, bool first, struct hf_error *error)
{
    hf_autofree char *real = realpath(path, NULL);
    const bool leads_elsewhere = real && strcmp(real, path) != 0;

    append(error->object, sizeof(error->object), "%s%s (%s%s%s)", first ? "" : ", ", leads_elsewhere ? real : path,
           what, leads_elsewhere ? " by way of " : "", leads_elsewhere ? path : "");
}

static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash > path ? (size_t)(slash - path) : 1;
}

/* How many missing libraries lie in one's directory, and how many of those come before it. */
static size_t libraries_beside(const struct hf_missing *missing, size_t index, size_t *before)
{
    const char *path = missing->files[index].path;
    const size_t length = directory_length(path);
    size_t count = 0;

    *before = 0;
    for (size_t i = 0; i < missing->count; i++) {
        const char *other = missing->files[i].path;

        if (missing->files[i].what != missing->files[index].what || directory_length(other) != length ||
            strncmp(other, path, length) != 0)
            continue;
        count++;
        *before += i < index;
    }
    return count;
}

static void write_item(const char *path, FILE *patch)
{
    fputs("    - ", patch);
    hf_scalar_write(path, patch);
    fputs("\n", patch);
}

/* False where memory is out, or a policy cannot hold the path. */
static bool write_missing(const struct hf_missing *missing, size_t index, FILE *patch)
{
    const char *path = missing->files[index].path;
    hf_autofree char *directory = NULL;
    size_t before;
    const bool many = libraries_beside(missing, index, &before) >= MANY_LIBRARIES;

    if (many && before)
        return true;
    if (many && !(directory = strndup(path, directory_length(path))))
        return false;
    if (!hf_scalar_possible(path))
        return false;
    write_item(many ? directory : path, patch);
    return true;
}

/* The default set of a policy without lists, which a list would take the place of. */
static void write_default(const struct hf_prepared *prepared, bool writable, FILE *patch)
{
    for (size_t i = 0; i < prepared->opened_count; i++) {
        const struct hf_rule *rule = prepared->opened[i].rule;

        if (rule->origin.kind == HF_ORIGIN_BASELINE && (bool)(rule->access & HF_FS_WRITE_FILE) == writable)
            write_item(rule->path, patch);
    }
}

static bool write_patch(const struct hf_missing *missing, bool lists, const struct hf_prepared *prepared, FILE *patch)
{
    fprintf(patch, "filesystem_policy:\n%s  read_only:\n", lists ? "" : "  include_workdir: true\n");
    if (!lists)
        write_default(prepared, false, patch);
    for (size_t i = 0; i < missing->count; i++)
        if (!write_missing(missing, i, patch))
            return false;
    if (!lists) {
        fputs("  read_write:\n", patch);
        write_default(prepared, true, patch);
    }
    return true;
}

/* All of it, or nothing: half a patch mends nothing. */
static void patch(const struct hf_missing *missing, bool lists, const struct hf_prepared *prepared, struct hf_error *error)
{
    FILE *stream = fmemopen(error->patch, sizeof(error->patch), "w");
    const bool is_whole = stream && write_patch(missing, lists, prepared, stream);

    if ((stream && fclose(stream) != 0) || !is_whole)
        error->patch[0] = '\0';
}

void hf_missing_tell(const struct hf_missing *missing, const struct hf_policy *policy,
                     const struct hf_prepared *prepared, struct hf_error *error)
{
    const bool lists = policy->read_only.given || policy->read_write.given;
    const struct hf_pos pos = policy->read_only.given ? policy->read_only.pos : policy->read_write.pos;

    hf_fail(error, HF_EXEC_UNREACHABLE, HF_STAGE_REACH, 0, "%s", "");
    if (lists)
        error->origin = hf_policy_origin(pos);
    for (size_t i = 0; i < missing->count; i++)
        tell_one(missing->files[i].path, missing->files[i].what, i == 0, error);
    patch(missing, lists, prepared, error);
}
