/* The end of a path tells more than its beginning. */
#include "who/name.h"

#include <string.h>

#include "base/utf8.h"

void hf_name_program(const char *path, char name[static HF_ASKER_PROGRAM_MAX])
{
    size_t left = path ? strlen(path) : 0, used = 0;

    if (left >= HF_ASKER_PROGRAM_MAX) {
        path += left - (HF_ASKER_PROGRAM_MAX - 4);
        left = HF_ASKER_PROGRAM_MAX - 4;
        while (left && ((unsigned char)*path & 0xc0) == 0x80) {
            path++;
            left--;
        }
        memcpy(name, "...", 3);
        used = 3;
    }
    while (left) {
        unsigned character;
        size_t length = hf_utf8_decode((const unsigned char *)path, left, &character);
        const bool is_shown = length && hf_utf8_is_harmless(character);

        if (is_shown)
            memcpy(name + used, path, length);
        else
            name[used] = '?';
        used += is_shown ? length : 1;
        length = length ? length : 1;
        path += length;
        left -= length;
    }
    name[used] = '\0';
}
