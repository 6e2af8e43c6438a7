/* Absolute paths as text. */
#ifndef HF_BASE_PATH_H
#define HF_BASE_PATH_H

#include <stdbool.h>

/* Whether two absolute paths are one by their text: /tmp, /tmp/, //tmp and /./tmp. Pure; symbolic links are not looked at. */
bool hf_path_is_same(const char *left, const char *right);

/* Whether a path is below another by its text. Both are absolute, without "." or a slash at the end; nothing is below itself. */
bool hf_path_is_below(const char *path, const char *above);

#endif
