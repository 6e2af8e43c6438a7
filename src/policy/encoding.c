/* The bytes of a policy file, before any YAML. libyaml's own reader errors have no line, and it takes UTF-16. */
#include "policy/encoding.h"

#include <string.h>

#include "base/utf8.h"

/* Narrower than YAML 1.1 section 5.1: what YAML counts as a line break and an editor does not (NEL, LS, PS, a lone CR)
 * would make line numbers lie, and text hide. */
static bool allowed(unsigned character)
{
    if (character < 0x20)
        return character == '\t' || character == '\n';
    if (character == 0x2028 || character == 0x2029 || character == 0xfeff || character == 0xfffe || character == 0xffff)
        return false;
    return character < 0x7f || character >= 0xa0;
}

bool hf_encoding_check(struct hf_faults *faults, const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    struct hf_pos pos = {.line = 1, .column = 1};

    if (length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        hf_fault(faults, pos, "the file is UTF-16 or UTF-32: save it as UTF-8");
        return false;
    }
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        hf_fault(faults, pos, "the file begins with a byte order mark: save it as UTF-8 without one");
        return false;
    }
    for (size_t i = 0; i < length;) {
        unsigned character = 0;
        size_t size = hf_utf8_decode(bytes + i, length - i, &character);

        if (size == 0) {
            hf_fault(faults, pos, "byte 0x%02x is not valid UTF-8: save the policy as UTF-8", bytes[i]);
            return false;
        }
        if (character == 0) {
            hf_fault(faults, pos, "NUL byte: a policy is UTF-8 text (is the file UTF-16, or binary?)");
            return false;
        }
        if (character == '\r' && i + 1 < length && bytes[i + 1] == '\n') {
            i++;
            continue;
        }
        if (!allowed(character)) {
            hf_fault(faults, pos, "character U+%04X is not allowed in a policy: take it out", character);
            return false;
        }
        i += size;
        pos.column++;
        if (character == '\n')
            pos = (struct hf_pos){.line = pos.line + 1, .column = 1};
    }
    return true;
}
