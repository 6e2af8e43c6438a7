/* Comparing paths component by component. */
#include "base/path.h"

#include <string.h>

/* The next component of a path, without empty ones and "."; its length is 0 at the end. */
static size_t next_component(const char **at)
{
    size_t length;

    for (;; *at += length) {
        *at += strspn(*at, "/");
        length = strcspn(*at, "/");
        if (length != 1 || **at != '.')
            return length;
    }
}

bool hf_path_is_same(const char *left, const char *right)
{
    for (;;) {
        size_t a = next_component(&left), b = next_component(&right);

        if (a != b || memcmp(left, right, a) != 0)
            return false;
        if (a == 0)
            return true;
        left += a;
        right += b;
    }
}

bool hf_path_is_below(const char *path, const char *above)
{
    const size_t length = strcmp(above, "/") == 0 ? 0 : strlen(above);

    return strncmp(path, above, length) == 0 && path[length] == '/' && path[length + 1];
}
