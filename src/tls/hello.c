/* Two lists of a ClientHello, taken as their RFCs have them and no other way. */
#include "tls/hello.h"

#include <string.h>

#include "proxy/ascii.h"

/* A length of one or two bytes and what it covers, taken off the front. */
static bool take(const unsigned char **at, size_t *left, size_t size, const unsigned char **part, size_t *length)
{
    if (*left < size)
        return false;
    *length = size == 1 ? **at : (size_t)((*at)[0] << 8 | (*at)[1]);
    if (*left - size < *length)
        return false;
    *part = *at + size;
    *at += size + *length;
    *left -= size + *length;
    return true;
}

/* RFC 5890's letters, digits and hyphens, and the underscores that are in use. */
static bool is_of_host(char c)
{
    return hf_is_digit(c) || hf_is_alpha(c) || c == '-' || c == '.' || c == '_';
}

bool hf_hello_server_name(const unsigned char *bytes, size_t length, char name[HF_TLS_NAME_MAX])
{
    const unsigned char *list, *host;
    size_t list_length, host_length;

    if (!take(&bytes, &length, 2, &list, &list_length) || length || !list_length || *list++ != 0)
        return false;
    list_length--;
    if (!take(&list, &list_length, 2, &host, &host_length) || list_length || !host_length ||
        host_length >= HF_TLS_NAME_MAX)
        return false;
    for (size_t i = 0; i < host_length; i++) {
        if (!is_of_host((char)host[i]))
            return false;
        name[i] = hf_lower((char)host[i]);
    }
    name[host_length] = '\0';
    return true;
}

static bool is(const unsigned char *bytes, size_t length, const char *word)
{
    return length == strlen(word) && !memcmp(bytes, word, length);
}

bool hf_hello_protocols(const unsigned char *bytes, size_t length, unsigned *protocols)
{
    const unsigned char *list, *one;
    size_t list_length, one_length;

    *protocols = 0;
    if (!take(&bytes, &length, 2, &list, &list_length) || length || !list_length)
        return false;
    while (list_length) {
        if (!take(&list, &list_length, 1, &one, &one_length) || !one_length)
            return false;
        *protocols |= is(one, one_length, "http/1.1") ? HF_TLS_HTTP1 : is(one, one_length, "h2") ? HF_TLS_HTTP2 : 0;
    }
    return true;
}
