/* The canonical form of a target. That the server gets what was judged makes most differences between readers harmless; what
 * is left are those in which the server's own reading begins where RFC 3986 ends. */
#include "rest/target.h"

#include "base/utf8.h"

static int digit(char c)
{
    c = hf_lower(c);
    return hf_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hf_rest_escape(struct hf_span text)
{
    if (text.length < 3 || text.at[0] != '%' || digit(text.at[1]) < 0 || digit(text.at[2]) < 0)
        return -1;
    return digit(text.at[1]) << 4 | digit(text.at[2]);
}

/* Both forms grow together, so that a segment can be taken off both. */
struct writer {
    struct hf_rest_target *target;
    size_t wire, path;
};

static bool put(struct writer *writer, const char *bytes, size_t length)
{
    if (length > HF_REST_TARGET_MAX - writer->wire)
        return false;
    memcpy(writer->target->wire + writer->wire, bytes, length);
    writer->wire += length;
    return true;
}

static bool put_byte(struct writer *writer, unsigned char byte, bool is_escaped)
{
    static const char digits[] = "0123456789ABCDEF";
    const char escape[] = {'%', digits[byte >> 4], digits[byte & 15]}, c = (char)byte;
    const bool is_unreserved = hf_is_alpha(c) || hf_is_digit(c) || (byte && strchr("-._~", c));
    const bool is_free = byte && strchr("!$&'()*+,=:@", c); /* RFC 3986 section 3.3; left as it came */

    writer->target->path[writer->path] = c; /* no longer than the other form, which is checked */
    if (!(is_unreserved || (is_free && !is_escaped) ? put(writer, &c, 1) : put(writer, escape, sizeof(escape))))
        return false;
    writer->path++;
    return true;
}

static const char *bad_byte(unsigned char byte, bool is_escaped)
{
    switch (byte) {
    case '/':
        return is_escaped ? "an escaped slash (%2F), which some servers take for a slash" : NULL;
    case '\\':
        return "a backslash, which some servers take for a slash";
    case ';':
        return "a parameter (;), which some servers take off the path";
    case 0:
        return "a NUL byte, at which some servers end";
    default:
        return byte < 0x20 || byte == 0x7f ? "an escaped control byte" : NULL;
    }
}

static const char *put_segment(struct writer *writer, struct hf_span segment)
{
    for (size_t i = 0; i < segment.length; i++) {
        const struct hf_span rest = {segment.at + i, segment.length - i};
        const bool is_escaped = segment.at[i] == '%';
        const int byte = is_escaped ? hf_rest_escape(rest) : (unsigned char)segment.at[i];
        const char *reason;

        if (byte < 0)
            return "a % that is no escape";
        reason = bad_byte((unsigned char)byte, is_escaped);
        if (reason)
            return reason;
        if (!put_byte(writer, (unsigned char)byte, is_escaped))
            return "a path that is too long";
        i += is_escaped ? 2 : 0;
    }
    return NULL;
}

/* Takes the last segment and its slash off; false where there is none. */
static bool pop(struct writer *writer)
{
    if (writer->path == 0)
        return false;
    while (writer->target->wire[--writer->wire] != '/')
        ;
    while (writer->target->path[--writer->path] != '/')
        ;
    return true;
}

/* What is in the path's own words, when its escapes are read. */
static const char *check_text(const char *path, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)path;

    for (size_t i = 0, size; i < length; i += size) {
        unsigned character;

        size = hf_utf8_decode(bytes + i, length - i, &character);
        if (!size)
            return "escaped bytes that are no UTF-8";
        if (hf_rest_escape((struct hf_span){path + i, length - i}) >= 0)
            return "an escape in an escape (%25), which some servers read twice";
    }
    return NULL;
}

static bool put_slash(struct writer *writer)
{
    if (!put(writer, "/", 1))
        return false;
    writer->target->path[writer->path++] = '/';
    return true;
}

/* The segment behind the slash that `rest` begins with. */
static struct hf_span take_segment(struct hf_span *rest)
{
    const char *begin = rest->at + 1, *slash = memchr(begin, '/', rest->length - 1);
    const struct hf_span segment = {begin, slash ? (size_t)(slash - begin) : rest->length - 1};

    *rest = (struct hf_span){begin + segment.length, rest->length - 1 - segment.length};
    return segment;
}

static const char *put_path(struct writer *writer, struct hf_span rest)
{
    bool is_open = false, had_empty = false; /* is_open: it ends behind a slash */

    while (rest.length) {
        const struct hf_span segment = take_segment(&rest);
        const size_t begin = writer->path + 1;
        const char *reason;
        struct hf_span word;

        is_open = segment.length == 0;
        had_empty = had_empty || (is_open && rest.length);
        if (is_open)
            continue;
        reason = put_slash(writer) ? put_segment(writer, segment) : "a path that is too long";
        if (reason)
            return reason;
        word = (struct hf_span){writer->target->path + begin, writer->path - begin};
        is_open = hf_is_word(word, ".") || hf_is_word(word, "..");
        if (!is_open)
            continue;
        pop(writer);
        if (word.length == 1)
            continue;
        if (had_empty)
            return "a .. behind two slashes, which some servers take for one";
        if (!pop(writer))
            return "a .. that leads above the root";
    }
    return !is_open && writer->path > 0 ? NULL : put_slash(writer) ? NULL : "a path that is too long";
}

/* What no request line has in its target. */
static bool is_plain(struct hf_span text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] <= 0x20 || text.at[i] == 0x7f || text.at[i] == '#') /* char is signed: above ASCII it is below 0 */
            return false;
    return true;
}

const char *hf_rest_target_read(struct hf_span text, struct hf_rest_target *target)
{
    const char *mark = text.length ? memchr(text.at, '?', text.length) : NULL;
    const struct hf_span path = {text.at, mark ? (size_t)(mark - text.at) : text.length};
    struct writer writer = {.target = target};
    const char *reason;

    target->query = (struct hf_span){NULL, 0};
    if (!is_plain(text))
        return "a blank, a control byte, a # or a byte outside of ASCII in the address";
    if (text.length == 1 && text.at[0] == '*') {
        if (!put(&writer, "*", 1))
            return "a path that is too long";
        target->path[writer.path++] = '*';
    } else if (path.length && path.at[0] != '/') {
        return "a path that does not begin with a slash";
    } else {
        reason = put_path(&writer, path);
        if (!reason)
            reason = check_text(target->path, writer.path);
        if (reason)
            return reason;
    }
    target->path[writer.path] = '\0';
    target->path_length = writer.wire;
    if (mark && !put(&writer, mark, text.length - path.length))
        return "a query that is too long";
    if (mark)
        target->query = (struct hf_span){target->wire + target->path_length + 1, writer.wire - target->path_length - 1};
    target->length = writer.wire;
    target->wire[writer.wire] = '\0';
    return NULL;
}

bool hf_rest_target_keep(struct hf_span text, struct hf_rest_target *target)
{
    const char *mark = text.length ? memchr(text.at, '?', text.length) : NULL;
    struct writer writer = {.target = target};

    if (!is_plain(text) || !put(&writer, text.at, text.length))
        return false;
    *target->path = '\0';
    target->length = writer.wire;
    target->path_length = mark ? (size_t)(mark - text.at) : text.length;
    target->query = (struct hf_span){NULL, 0};
    target->wire[writer.wire] = '\0';
    return true;
}
