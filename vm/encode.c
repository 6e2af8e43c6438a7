/* Percent-encoded fields: RFC 3986, section 2.1. */
#include "encode.h"

#include <string.h>

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    digit = (char)(digit | 0x20);
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

ssize_t decode_field(char *field)
{
    const char *from = field;
    char *to = field;

    if (strcmp(field, "%00") == 0) {
        field[0] = '\0';
        return 0;
    }
    while (*from) {
        if (*from != '%') {
            *to++ = *from++;
            continue;
        }
        const int high = hex_value(from[1]);
        const int low = high < 0 ? -1 : hex_value(from[2]);

        if (low < 0)
            return -1;
        *to++ = (char)(high << 4 | low);
        from += 3;
    }
    *to = '\0';
    return to - field;
}

void encode_field(FILE *out, const void *bytes, size_t length)
{
    const unsigned char *from = bytes;

    if (length == 0)
        fputs("%00", out);
    for (size_t i = 0; i < length; i++)
        if (from[i] <= 0x20 || from[i] == '%' || from[i] >= 0x7f)
            fprintf(out, "%%%02X", from[i]);
        else
            putc_unlocked(from[i], out);
}
