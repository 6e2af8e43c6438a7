/* Hosts and ports, read without any leniency: what inet_aton, a browser and a resolver would read differently is refused. */
#include "proxy/target.h"

#include <arpa/inet.h>
#include <string.h>

#include "proxy/ascii.h"

/* 1..65535 in decimal: no sign, no space, no zero in front, at least one digit. */
static const char *parse_port(struct hf_span text, uint16_t *port)
{
    unsigned value = 0;

    if (text.length == 0)
        return "no port after the host";
    for (size_t i = 0; i < text.length; i++)
        if (!hf_is_digit(text.at[i]))
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

static const char *parse_ipv6(struct hf_span text, struct hf_target *target)
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

/* Reads a host alone: a name, an IPv4 address in four decimal parts, or with `bracketed` an IPv6 address. */
static const char *parse_host(const char *text, size_t length, int bracketed, struct hf_target *target)
{
    bool dotted = length && text[length - 1] == '.';
    const char *reason;

    if (length == 0)
        return "no host";
    if (bracketed)
        return parse_ipv6((struct hf_span){text, length}, target);
    for (size_t i = 0; i < length; i++)
        if (!hf_is_digit(text[i]) && !hf_is_alpha(text[i]) && text[i] != '-' && text[i] != '.' && text[i] != '_')
            return bad_host_byte(text[i]);
    if (dotted)
        length--;
    if (length >= HF_TARGET_HOST_SIZE)
        return "the host is over 253 characters";
    for (size_t i = 0; i < length; i++)
        target->host[i] = hf_lower(text[i]);
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

/* Takes the host off the front: what is left is empty, or a colon and what stands behind it. */
static const char *split(struct hf_span text, struct hf_span *host, struct hf_span *rest)
{
    const char *end;

    if (text.length && text.at[0] == '[') {
        end = memchr(text.at, ']', text.length);
        if (!end)
            return "a [ without its ]";
        *host = (struct hf_span){text.at + 1, (size_t)(end - text.at - 1)};
        *rest = (struct hf_span){end + 1, (size_t)(text.at + text.length - end - 1)};
        return rest->length && rest->at[0] != ':' ? bad_host_byte(']') : NULL;
    }
    end = memrchr(text.at, ':', text.length);
    if (!end)
        end = text.at + text.length;
    *host = (struct hf_span){text.at, (size_t)(end - text.at)};
    *rest = (struct hf_span){end, text.length - host->length};
    return NULL;
}

const char *hf_target_parse_with(const char *text, size_t length, uint16_t port, struct hf_target *target)
{
    struct hf_span host, rest;
    const char *reason;

    if (memchr(text, '@', length))
        return bad_host_byte('@');
    if (memchr(text, '/', length))
        return bad_host_byte('/');
    reason = split((struct hf_span){text, length}, &host, &rest);
    if (!reason && !rest.length && !port)
        return "no port after the host";
    target->port = port;
    if (!reason)
        reason = parse_host(host.at, host.length, length && text[0] == '[', target);
    if (!reason && rest.length)
        reason = parse_port((struct hf_span){rest.at + 1, rest.length - 1}, &target->port);
    if (reason)
        return reason;
    /* sin_port and sin6_port are at the same place, but say which is meant. */
    if (target->address.any.sa_family == AF_INET6)
        target->address.v6.sin6_port = htons(target->port);
    else
        target->address.v4.sin_port = htons(target->port);
    return NULL;
}

const char *hf_target_parse(const char *text, size_t length, struct hf_target *target)
{
    return hf_target_parse_with(text, length, 0, target);
}
