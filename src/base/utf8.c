/* UTF-8 by RFC 3629. */
#include "base/utf8.h"

size_t hf_utf8_decode(const unsigned char *at, size_t left, unsigned *character)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc0 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf8 ? 4 : 0;

    if (length == 0 || length > left)
        return 0;
    *character = length == 1 ? at[0] : at[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (at[i] & 0x3fU);
    }
    if (*character < least[length] || *character > 0x10ffff || (*character >= 0xd800 && *character <= 0xdfff))
        return 0;
    return length;
}

bool hf_utf8_is_harmless(unsigned character)
{
    return character >= 0x20 && (character < 0x7f || character >= 0xa0) && (character < 0x2028 || character > 0x202e) &&
           (character < 0x2066 || character > 0x2069);
}
