/* Ranges as they are written in allowed_ips. Nothing is taken that could be read in two ways, or that could never have
 * an effect. */
#include "policy/range.h"

#include "policy/value.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_BITS(range) ((range)->network.any.sa_family == AF_INET ? 32u : 128u)

static uint8_t *bytes_of(union hf_address *address)
{
    return address->any.sa_family == AF_INET ? (uint8_t *)&address->v4.sin_addr : address->v6.sin6_addr.s6_addr;
}

/* The address with every bit behind the prefix set: the last one of the range. */
static union hf_address last_of(const struct hf_range *range)
{
    union hf_address last = range->network;

    for (unsigned bit = range->bits; bit < ADDRESS_BITS(range); bit++)
        bytes_of(&last)[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
    return last;
}

static bool has_bits_behind_the_prefix(struct hf_range *range)
{
    for (unsigned bit = range->bits; bit < ADDRESS_BITS(range); bit++)
        if (bytes_of(&range->network)[bit / 8] & (0x80u >> bit % 8))
            return true;
    return false;
}

bool hf_range_class(const struct hf_range *range, enum hf_address_class *class)
{
    const union hf_address last = last_of(range);

    /* What hf_address_classify has between two addresses of one class is of that class too, but for the public one. */
    *class = hf_address_classify(&range->network.any);
    return hf_address_classify(&last.any) == *class && *class != HF_ADDRESS_PUBLIC;
}

static bool read_bits(const char *text, unsigned most, unsigned *bits)
{
    const size_t length = strlen(text);

    if (length < 1 || length > 3 || strspn(text, "0123456789") != length || (text[0] == '0' && length > 1))
        return false;
    *bits = (unsigned)strtoul(text, NULL, 10);
    return *bits <= most;
}

static const char *read_range(const char *text, size_t length, struct hf_range *range)
{
    char address[INET6_ADDRSTRLEN + 4];
    enum hf_address_class class;
    char *slash;

    *range = (struct hf_range){0};
    if (length >= sizeof(address) || strlen(text) != length)
        return "write an address and its prefix length, such as 10.0.0.0/8 or fc00::/7";
    memcpy(address, text, length + 1);
    slash = strchr(address, '/');
    if (slash)
        *slash = '\0';
    range->network.any.sa_family = strchr(address, ':') ? AF_INET6 : AF_INET;
    range->bits = ADDRESS_BITS(range);
    if (inet_pton(range->network.any.sa_family, address, bytes_of(&range->network)) != 1)
        return "write an address and its prefix length, such as 10.0.0.0/8 or fc00::/7";
    if (slash && !read_bits(slash + 1, range->bits, &range->bits))
        return "a prefix length is a number from 0 to 32, of IPv6 to 128";
    if (has_bits_behind_the_prefix(range))
        return "it has bits behind its prefix: write the first address of the range, or a longer prefix";
    if (hf_range_class(range, &class) && !hf_address_permittable(class))
        return "no policy can allow these addresses: they are unspecified, multicast or broadcast";
    return NULL;
}

void hf_read_ranges(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    struct hf_endpoint *endpoint = target;

    if (!hf_expect(faults, value, HF_NODE_LIST, row->key, "a list of address ranges"))
        return;
    if (!value->first)
        hf_fault(faults, value->pos, "'%s' is empty: list the addresses that the host may have, or leave it out",
                 row->key);
    for (const struct hf_node *item = value->first; item; item = item->next) {
        struct hf_range range, *grown;
        const char *problem;

        if (!hf_expect(faults, item, HF_NODE_STRING, row->key, "an address range"))
            continue;
        problem = read_range(item->text, item->length, &range);
        if (problem) {
            hf_fault(faults, item->pos, "%s is not a range of addresses: %s", hf_quote(item->text, item->length).text,
                     problem);
            continue;
        }
        grown = hf_grow(faults, endpoint->ranges, endpoint->range_count, sizeof(*grown));
        if (!grown)
            return;
        range.pos = item->pos;
        endpoint->ranges = grown;
        endpoint->ranges[endpoint->range_count++] = range;
    }
}
