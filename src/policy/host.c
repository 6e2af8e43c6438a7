/* Hosts: a name, "*." and a name, an IPv4 or an IPv6 address. Nothing is taken that the resolver and the proxy's own
 * comparison could read in two ways. */
#include "policy/host.h"

#include <arpa/inet.h>
#include <string.h>

#include "proxy/address.h"

#define LABEL_MAX 63 /* RFC 1035, 2.3.4 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What looks like a URL, an authority, or an address in its URL form: each with its own advice. */
static const char *refuse_url(const char *text)
{
    const char *colon = strchr(text, ':');

    if (strstr(text, "://"))
        return "write the host alone, without a scheme";
    if (strchr(text, '/'))
        return "write the host alone, without a path or a prefix length";
    if (strchr(text, '@'))
        return "write the host alone, without a user";
    if (strchr(text, '['))
        return "write an IPv6 address without brackets, and the port under 'port'";
    if (strchr(text, '%'))
        return "an address with a zone is not allowed";
    if (colon && !strchr(colon + 1, ':') && colon[1 + strspn(colon + 1, "0123456789")] == '\0')
        return "write the port under 'port', not in the host";
    return NULL;
}

static const char *check_label(const char *label, size_t length)
{
    if (length == 0)
        return "a name has no empty parts: two dots in a row, or one at the start";
    if (length > LABEL_MAX)
        return "a part between dots is at most 63 bytes long";
    if (label[0] == '-' || label[length - 1] == '-')
        return "a part between dots does not begin or end with '-'";
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)label[i] >= 0x80)
            return "write an international name in its xn-- form";
        if (label[i] == '*')
            return "'*' stands only at the start, as '*.' before a name";
        if (!is_letter(label[i]) && !is_digit(label[i]) && label[i] != '-')
            return "a name is letters, digits, '-' and '.'";
    }
    return NULL;
}

/* inet_aton(3) and with it most resolvers take "127.1", "0x7f.1" and "2130706433" for addresses; whether a name is one
 * is seen by its last part (as in the WHATWG URL standard, "ends in a number"). */
static bool ends_in_number(const char *label)
{
    size_t digits;

    if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
        return label[2 + strspn(label + 2, "0123456789abcdefABCDEF")] == '\0';
    digits = strspn(label, "0123456789");
    return digits > 0 && label[digits] == '\0';
}

static const char *check_name(const char *name)
{
    const char *label = name, *dot, *problem;

    for (; (dot = strchr(label, '.')); label = dot + 1) {
        if (dot[1] == '\0')
            return "write the name without a dot at its end";
        problem = check_label(label, (size_t)(dot - label));
        if (problem)
            return problem;
    }
    problem = check_label(label, strlen(label));
    if (!problem && ends_in_number(label))
        return "it ends in a number and is no IPv4 address of four decimal parts";
    return problem;
}

/* What the proxy never dials would be accepted here only to be refused at every request. */
static const char *check_address(const union hf_address *address)
{
    return hf_address_permittable(hf_address_classify(&address->any))
               ? NULL
               : "no policy can allow this address: it is unspecified, multicast or broadcast";
}

const char *hf_host_read(const char *text, size_t length, char host[HF_HOST_MAX + 1])
{
    union hf_address six = {.v6 = {.sin6_family = AF_INET6}}, four = {.v4 = {.sin_family = AF_INET}};
    const char *problem;

    if (length == 0)
        return "it is empty";
    if (strlen(text) != length)
        return "it has a NUL in it";
    if (length > HF_HOST_MAX)
        return "a host is at most 253 bytes long";
    if (inet_pton(AF_INET6, text, &six.v6.sin6_addr) == 1)
        return inet_ntop(AF_INET6, &six.v6.sin6_addr, host, HF_HOST_MAX + 1) ? check_address(&six)
                                                                             : "not an IPv6 address";
    problem = refuse_url(text);
    if (problem)
        return problem;
    if (strchr(text, ':'))
        return "not an IPv6 address";
    if (strcmp(text, "*") == 0)
        return "'*' alone would be every host: write '*.' and a name";
    problem = inet_pton(AF_INET, text, &four.v4.sin_addr) == 1
                  ? check_address(&four)
                  : check_name(strncmp(text, "*.", 2) == 0 ? text + 2 : text);
    if (problem)
        return problem;
    for (size_t i = 0; i <= length; i++)
        host[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);
    return NULL;
}
