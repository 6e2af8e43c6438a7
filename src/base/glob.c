/* Backtracking to the last * and the last ** alone, which is enough: an earlier one that takes more leaves less to the
 * later one. So the time is bounded by the product of the lengths. */
#include "base/glob.h"

#include <stddef.h>
#include <string.h>

bool hf_glob_is(const char *pattern)
{
    return strchr(pattern, '*') != NULL;
}

struct retry {
    const char *pattern; /* behind the star, NULL where there was none */
    const char *path;    /* where it has taken up to */
};

/* Lets the star take one more byte; false where it cannot. */
static bool take_more(struct retry *retry, bool slash_too, const char **pattern, const char **path)
{
    if (!retry->pattern || !*retry->path || (*retry->path == '/' && !slash_too))
        return false;
    *pattern = retry->pattern;
    *path = ++retry->path;
    return true;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool match(const char *pattern, const char *path, bool is_text, bool is_any_case)
{
    struct retry star = {0}, stars = {0};

    while (*pattern || *path) {
        if (pattern[0] == '*' && pattern[1] == '*') {
            pattern += strspn(pattern, "*");
            stars = (struct retry){pattern, path};
            star.pattern = NULL;
        } else if (*pattern == '*') {
            star = (struct retry){++pattern, path};
        } else if (*pattern && (*pattern == *path || (is_any_case && lower(*pattern) == lower(*path)))) {
            pattern++;
            path++;
        } else if (!take_more(&star, is_text, &pattern, &path)) {
            star.pattern = NULL;
            if (!take_more(&stars, true, &pattern, &path))
                return false;
        }
    }
    return true;
}

bool hf_glob_match(const char *pattern, const char *path)
{
    return match(pattern, path, false, false);
}

bool hf_glob_match_any_case(const char *pattern, const char *path)
{
    return match(pattern, path, false, true);
}

bool hf_glob_match_text(const char *pattern, const char *text)
{
    return match(pattern, text, true, false);
}
