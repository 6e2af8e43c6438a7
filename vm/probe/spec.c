/* Specs: "ID KIND ARG..." taken apart, decoded (percent-encoding: RFC 3986, 2.1) and held against the table. */
#include <string.h>

#include "probe.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Decodes in place; NULL when done, else what is wrong. A NUL byte has no place in an argument of a system call, so
 * that %00 stands for the empty field and nothing else. */
static const char *decode(char *field)
{
    char *out = field;

    if (strcmp(field, "%00") == 0) {
        *field = '\0';
        return NULL;
    }
    for (const char *in = field; *in; in++) {
        char c = *in;

        if (c <= ' ' || c == '\x7f')
            return "a byte that must be percent-encoded";
        if (c == '%') {
            int high = hex_digit(in[1]);
            int low = high < 0 ? -1 : hex_digit(in[2]);

            if (low < 0)
                return "'%' without two hexadecimal digits behind it";
            c = (char)(high * 16 + low);
            if (c == '\0')
                return "%00 inside of a field (alone, it is the empty field)";
            in += 2;
        }
        *out++ = c;
    }
    *out = '\0';
    return NULL;
}

static const struct probe_kind *find(const char *name, const struct probe_kind *kinds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static size_t arguments_of(const struct probe_kind *kind)
{
    size_t count = 0;

    while (count < PROBE_ARGUMENTS_MAX && kind->arguments[count])
        count++;
    return count;
}

/* Fills spec->arguments from what is behind the kind; rest is NULL where nothing is. */
static bool take_arguments(char *rest, struct probe_spec *spec, char *problem, size_t size)
{
    const size_t wanted = arguments_of(spec->kind);
    size_t given = 0;

    for (char *field; (field = strsep(&rest, " ")); given++) {
        const char *wrong = *field ? decode(field) : "an empty field (write it %00)";

        if (wrong) {
            snprintf(problem, size, "argument %zu of %s: %s", given + 1, spec->kind->name, wrong);
            return false;
        }
        if (given < wanted)
            spec->arguments[given] = field;
    }
    if (given != wanted) {
        snprintf(problem, size, "%s takes %zu argument%s, not %zu", spec->kind->name, wanted, wanted == 1 ? "" : "s",
                 given);
        return false;
    }
    return true;
}

bool probe_spec_parse(char *text, const struct probe_kind *kinds, size_t count, struct probe_spec *spec, char *problem,
                      size_t problem_size)
{
    char *rest = text;
    const char *name;

    *spec = (struct probe_spec){.id = strsep(&rest, " ")};
    name = strsep(&rest, " ");
    if (*spec->id == '\0' || !name || *name == '\0') {
        snprintf(problem, problem_size, "%s is missing (ID KIND ARG..., parted by single spaces)",
                 *spec->id == '\0' ? "the ID" : "the KIND");
        return false;
    }
    spec->kind = find(name, kinds, count);
    if (!spec->kind) {
        snprintf(problem, problem_size, "no kind '%s' (hf-probe --help lists them)", name);
        return false;
    }
    if (!take_arguments(rest, spec, problem, problem_size))
        return false;
    for (size_t i = 0; i < arguments_of(spec->kind); i++) {
        const struct probe_argument *argument = spec->kind->arguments[i];

        if (argument->valid && !argument->valid(spec->arguments[i])) {
            snprintf(problem, problem_size, "%s '%s' is not %s", argument->name, spec->arguments[i], argument->must_be);
            return false;
        }
    }
    return true;
}

void probe_encode(const char *text, FILE *stream)
{
    if (*text == '\0')
        fputs("%00", stream);
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c <= ' ' || c == '%' || c >= 0x7f)
            fprintf(stream, "%%%02X", c);
        else
            fputc(c, stream);
    }
}
