/* A policy that was no text, or no file to be read, is a bug report as well. */
#include "report/capture_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define MOST_BYTES (24 * 1024) /* four times as many in the script, and an argument has at most 128 KiB (execve(2)) */

bool hf_is_text(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        unsigned character = 0;
        const size_t size = hf_utf8_decode((const unsigned char *)text + at, length - at, &character);

        if (size == 0 || character == 0)
            return false;
        at += size;
    }
    return true;
}

/* As it was found, so that it cannot be read in the cell either. */
static enum hf_policy_form form_of_file(const char *file, struct hf_capture_tree *tree)
{
    struct stat status;
    const bool there = stat(file, &status) == 0;

    if (!there && (errno == ENOENT || errno == ENOTDIR))
        return HF_FORM_FILE;
    if (!there && errno == EACCES)
        status.st_mode = S_IFREG; /* of mode 0 */
    else if (!there || (S_ISREG(status.st_mode) && access(file, R_OK) == 0)) /* longer than a policy may be */
        return HF_FORM_NOWHERE;
    else if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return HF_FORM_NOWHERE;
    return hf_capture_tree_add(tree, HF_POLICY_PLACE, status.st_mode) ? HF_FORM_FILE : HF_FORM_NOWHERE;
}

enum hf_policy_form hf_policy_form(const char *text, size_t length, const char *file, struct hf_capture_tree *tree)
{
    if (text && hf_is_text(text, length))
        return HF_FORM_TEXT;
    if (text)
        return length <= MOST_BYTES ? HF_FORM_BYTES : HF_FORM_NOWHERE;
    return file ? form_of_file(file, tree) : HF_FORM_NOWHERE;
}

static bool stands_for_itself(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           strchr(" _.:,/-[]{}#", byte);
}

#define ESCAPED_DOLLAR "${DOLLAR}{" /* as hf_neutral has it for a scenario, which sees none in a printf(1) format */

/* printf(1) takes a byte as \ooo, and three digits are never more than one. */
static void write_piece(FILE *script, const struct hf_names *names, const char *piece, size_t length)
{
    hf_autofree char *clean = hf_neutral(names, piece, length);

    for (const char *at = clean ? clean : ""; *at; at++) {
        if (strncmp(at, ESCAPED_DOLLAR, strlen(ESCAPED_DOLLAR)) == 0) {
            fputs("\\044{", script);
            at += strlen(ESCAPED_DOLLAR) - 1;
        } else if (stands_for_itself((unsigned char)*at)) {
            fputc(*at, script);
        } else {
            fprintf(script, "\\%03o", (unsigned)(unsigned char)*at);
        }
    }
}

static char *script_of(const struct hf_names *names, const char *bytes, size_t length)
{
    char *text = NULL;
    size_t size;
    FILE *script = open_memstream(&text, &size);

    if (!script)
        return NULL;
    fputs("printf -- '", script);
    for (size_t at = 0; at < length; at++) {
        const size_t piece = strnlen(bytes + at, length - at);

        write_piece(script, names, bytes + at, piece);
        at += piece;
        if (at < length)
            fputs("\\000", script);
    }
    fputs("' > /mnt/cell/" HF_POLICY_PLACE "; exec \"$@\"", script);
    return fclose(script) == 0 ? text : NULL;
}

void hf_policy_bytes_write(struct hf_yaml *yaml, const struct hf_names *names, const char *bytes, size_t length)
{
    hf_autofree char *script = script_of(names, bytes, length);

    yaml->failed = yaml->failed || !script;
    if (!script)
        return;
    hf_yaml_text(yaml, "sh");
    hf_yaml_text(yaml, "-ec");
    hf_yaml_text(yaml, script);
    hf_yaml_text(yaml, "sh");
}
