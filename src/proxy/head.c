/* The strict parser of the request head (RFC 9112), for CONNECT alone. */
#include "proxy/head.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#define FIELDS_MAX 100

struct span {
    const char *at;
    size_t length;
};

static enum hf_head_result refuse(struct hf_head *head, int status, const char *reason)
{
    head->status = status;
    head->reason = reason;
    return HF_HEAD_REFUSED;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* RFC 9110 section 5.6.2; ASCII whatever the locale. */
static bool is_token(struct span text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_digit(text.at[i]) && !is_alpha(text.at[i]) && !memchr("!#$%&'*+-.^_`|~", text.at[i], 15))
            return false;
    return text.length > 0;
}

static bool same_word(struct span text, const char *word)
{
    size_t length = strlen(word);

    if (text.length != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (lower(text.at[i]) != word[i])
            return false;
    return true;
}

/* Looks at every byte once: DONE with the head's length, MORE, or what is wrong with the bytes themselves. */
static enum hf_head_result scan(const char *bytes, size_t length, struct hf_head *head)
{
    size_t limit = length < HF_HEAD_LIMIT ? length : HF_HEAD_LIMIT;

    for (size_t i = 0; i < limit; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c == '\n') {
            if (i == 0 || bytes[i - 1] != '\r')
                return refuse(head, 400, "a line ends in LF without CR");
            if (i == 1)
                return refuse(head, 400, "an empty line before the request");
            if (i >= 3 && bytes[i - 2] == '\n') {
                head->length = i + 1;
                return HF_HEAD_DONE;
            }
        } else if (i > 0 && bytes[i - 1] == '\r') {
            return refuse(head, 400, "a CR without LF");
        } else if (c == 0) {
            return refuse(head, 400, "a NUL byte in the head");
        } else if (c == 0x16 && i == 0) {
            return refuse(head, 400, "TLS to the proxy itself: use http:// in the proxy's URL");
        } else if ((c < 0x20 && c != '\r' && c != '\t') || c == 0x7f) {
            return refuse(head, 400, "a control byte in the head");
        } else if (c >= 0x80) {
            return refuse(head, 400, "a byte outside of ASCII in the head");
        }
    }
    return length >= HF_HEAD_LIMIT ? refuse(head, 431, "the request head is over 8192 bytes") : HF_HEAD_MORE;
}

/* Takes one line off the front; scan() has made sure that there is one and how it ends. */
static struct span take_line(struct span *rest)
{
    const char *end = memchr(rest->at, '\r', rest->length);
    struct span line = {rest->at, (size_t)(end - rest->at)};

    rest->at = end + 2;
    rest->length -= line.length + 2;
    return line;
}

static struct span take_word(struct span *line)
{
    const char *space = memchr(line->at, ' ', line->length);
    struct span word = {line->at, space ? (size_t)(space - line->at) : line->length};
    size_t used = word.length + (space ? 1 : 0);

    line->at += used;
    line->length -= used;
    return word;
}

/* 1..65535 in decimal: no sign, no space, no zero in front, at least one digit. */
static const char *parse_port(struct span text, uint16_t *port)
{
    unsigned value = 0;

    if (text.length == 0)
        return "no port after the host";
    for (size_t i = 0; i < text.length; i++)
        if (!is_digit(text.at[i]))
            return "the port is not a decimal number";
    if (text.at[0] == '0')
        return "the port is 0 or begins with 0";
    if (text.length > 5)
        return "the port is over 65535";
    for (size_t i = 0; i < text.length; i++)
        value = value * 10 + (unsigned)(text.at[i] - '0');
    if (value > 65535)
        return "the port is over 65535";
    *port = (uint16_t)value;
    return NULL;
}

/* Would inet_aton (and so getaddrinfo) take this for an IPv4 address? By the URL standard's rule: the last label is
 * all digits, or 0x and hex digits. Only four decimal parts may pass then. */
static bool ends_in_number(const char *host)
{
    const char *label = strrchr(host, '.');

    label = label ? label + 1 : host;
    if (label[0] == '0' && (label[1] == 'x'))
        return label[2 + strspn(label + 2, "0123456789abcdef")] == '\0';
    return label[0] && label[strspn(label, "0123456789")] == '\0';
}

/* Letters, digits, hyphens and (as hosts in use have them) underscores, in labels of 1 to 63. */
static const char *check_name(const char *name)
{
    size_t label = 0;

    for (const char *c = name;; c++) {
        if (*c == '.' || *c == '\0') {
            if (label == 0)
                return "an empty label in the host";
            if (label > 63)
                return "a label of the host is over 63 characters";
            if (c[-1] == '-')
                return "a label of the host ends in a hyphen";
            if (*c == '\0')
                return NULL;
            label = 0;
            continue;
        }
        if (*c == '-' && label == 0)
            return "a label of the host begins with a hyphen";
        label++;
    }
}

static const char *parse_ipv6(struct span text, struct hf_target *target)
{
    char copy[INET6_ADDRSTRLEN];

    if (memchr(text.at, '%', text.length))
        return "an address with a zone";
    if (text.length >= sizeof(copy))
        return "not an IPv6 address in the brackets";
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    target->address.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6};
    if (inet_pton(AF_INET6, copy, &target->address.v6.sin6_addr) != 1)
        return "not an IPv6 address in the brackets";
    inet_ntop(AF_INET6, &target->address.v6.sin6_addr, target->host, sizeof(target->host));
    return NULL;
}

static const char *bad_host_byte(char c)
{
    switch (c) {
    case '@':
        return "user information in front of the host";
    case '%':
        return "an escape or a zone in the host";
    case ':':
        return "an IPv6 address without brackets, or more than one port";
    case '[':
    case ']':
        return "a bracket in the wrong place";
    case '/':
    case '?':
    case '#':
    case '\\':
        return "a path or a fragment behind the host: only host:port is taken";
    case '*':
        return "a wildcard is for policies, not for requests";
    default:
        return (unsigned char)c >= 0x80 ? "the host is not in ASCII: write it in its xn-- form"
                                        : "a character that no host name has";
    }
}

const char *hf_host_parse(const char *text, size_t length, int bracketed, struct hf_target *target)
{
    bool dotted = length && text[length - 1] == '.';
    const char *reason;

    if (length == 0)
        return "no host";
    if (bracketed)
        return parse_ipv6((struct span){text, length}, target);
    for (size_t i = 0; i < length; i++)
        if (!is_digit(text[i]) && !is_alpha(text[i]) && text[i] != '-' && text[i] != '.' && text[i] != '_')
            return bad_host_byte(text[i]);
    if (dotted)
        length--;
    if (length >= HF_TARGET_HOST_SIZE)
        return "the host is over 253 characters";
    for (size_t i = 0; i < length; i++)
        target->host[i] = lower(text[i]);
    target->host[length] = '\0';
    reason = check_name(target->host);
    if (reason)
        return reason;
    target->address.v4 = (struct sockaddr_in){.sin_family = AF_UNSPEC};
    if (!ends_in_number(target->host))
        return NULL;
    target->address.v4.sin_family = AF_INET;
    if (dotted)
        return "an address with a dot behind it";
    if (inet_pton(AF_INET, target->host, &target->address.v4.sin_addr) != 1)
        return "not an IPv4 address in four decimal parts (octal, hex and short forms are refused)";
    return NULL;
}

const char *hf_target_parse(const char *text, size_t length, struct hf_target *target)
{
    struct span host = {text, length}, port = {text + length, 0};
    bool bracketed = length && text[0] == '[';
    const char *end, *reason;

    if (memchr(text, '@', length))
        return bad_host_byte('@');
    if (memchr(text, '/', length))
        return bad_host_byte('/');
    if (bracketed) {
        end = memchr(text, ']', length);
        if (!end)
            return "a [ without its ]";
        host = (struct span){text + 1, (size_t)(end - text - 1)};
        end++;
        if (end == text + length)
            return "no port after the host";
        if (*end != ':')
            return bad_host_byte(']');
    } else {
        end = memrchr(text, ':', length);
        if (!end)
            return "no port after the host";
        host.length = (size_t)(end - text);
    }
    port.at = end + 1;
    port.length = (size_t)(text + length - port.at);
    reason = hf_host_parse(host.at, host.length, bracketed, target);
    if (!reason)
        reason = parse_port(port, &target->port);
    if (reason)
        return reason;
    /* sin_port and sin6_port are at the same place, but say which is meant. */
    if (target->address.any.sa_family == AF_INET6)
        target->address.v6.sin6_port = htons(target->port);
    else
        target->address.v4.sin_port = htons(target->port);
    return NULL;
}

/* The Host field must name the same host, and the same port where it names one: some clients leave it out. */
static bool same_place(struct span value, const struct hf_target *target)
{
    struct hf_target host = {0};
    bool bracketed = value.length && value.at[0] == '[';

    if (!hf_target_parse(value.at, value.length, &host))
        return host.port == target->port && !strcmp(host.host, target->host);
    if (bracketed && value.at[value.length - 1] == ']')
        value = (struct span){value.at + 1, value.length - 2};
    return !hf_host_parse(value.at, value.length, bracketed, &host) && !strcmp(host.host, target->host);
}

struct fields {
    struct span host, content_length, transfer_encoding, proxy_authorization;
};

/* Files the field if it is one of those that matter here. False if it is there twice. */
static bool keep(struct fields *fields, struct span name, struct span value)
{
    const struct {
        const char *name;
        struct span *slot;
    } known[] = {
        {"host", &fields->host},
        {"content-length", &fields->content_length},
        {"transfer-encoding", &fields->transfer_encoding},
        {"proxy-authorization", &fields->proxy_authorization},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!same_word(name, known[i].name))
            continue;
        if (known[i].slot->at)
            return false;
        *known[i].slot = value;
    }
    return true;
}

static const char *parse_fields(struct span rest, struct fields *fields)
{
    for (unsigned count = 0; rest.length > 2; count++) {
        struct span line = take_line(&rest), name, value;
        const char *colon;

        if (count == FIELDS_MAX)
            return "more than 100 header fields";
        if (line.at[0] == ' ' || line.at[0] == '\t')
            return "a folded header line";
        colon = memchr(line.at, ':', line.length);
        if (!colon)
            return "a header line without a colon";
        name = (struct span){line.at, (size_t)(colon - line.at)};
        if (!is_token(name))
            return "a header name with a space or another character that no name has";
        value = (struct span){colon + 1, line.length - name.length - 1};
        while (value.length && (value.at[0] == ' ' || value.at[0] == '\t'))
            value = (struct span){value.at + 1, value.length - 1};
        while (value.length && (value.at[value.length - 1] == ' ' || value.at[value.length - 1] == '\t'))
            value.length--;
        if (!keep(fields, name, value))
            return "a header field twice that may be there once";
    }
    return NULL;
}

enum hf_head_result hf_head_parse(const char *bytes, size_t length, struct hf_head *head)
{
    enum hf_head_result result;
    struct fields fields = {0};
    struct span rest, line, method, target, version;
    const char *reason;

    memset(head, 0, sizeof(*head));
    result = scan(bytes, length, head);
    if (result != HF_HEAD_DONE)
        return result;
    rest = (struct span){bytes, head->length};
    line = take_line(&rest);
    if (memchr(line.at, '\t', line.length))
        return refuse(head, 400, "a tab in the request line");
    method = take_word(&line);
    target = take_word(&line);
    version = line;
    if (!is_token(method) || !target.length || memchr(version.at, ' ', version.length))
        return refuse(head, 400, "the request line is not METHOD TARGET VERSION");
    if (version.length != 8 || memcmp(version.at, "HTTP/", 5))
        return refuse(head, 400, "the request line does not end in an HTTP version");
    if (memcmp(version.at, "HTTP/1.1", 8) && memcmp(version.at, "HTTP/1.0", 8))
        return refuse(head, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    reason = parse_fields(rest, &fields);
    if (reason)
        return refuse(head, 400, reason);
    if (method.length != 7 || memcmp(method.at, "CONNECT", 7)) /* methods are case-sensitive */
        return refuse(head, 405, "only CONNECT is proxied: use an https:// address");
    /* CONNECT has no body (RFC 9110 section 9.3.6); a client that says 0 agrees, any other might mean one. */
    if (fields.transfer_encoding.at || (fields.content_length.at && !same_word(fields.content_length, "0")))
        return refuse(head, 400, "a CONNECT with a body");
    reason = hf_target_parse(target.at, target.length, &head->target);
    if (reason)
        return refuse(head, 400, reason);
    if (!fields.host.at && version.at[7] == '1')
        return refuse(head, 400, "no Host field, which HTTP/1.1 demands");
    if (fields.host.at && !same_place(fields.host, &head->target))
        return refuse(head, 400, "the Host field names another place than the request line");
    return HF_HEAD_DONE;
}
