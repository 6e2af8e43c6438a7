/* Which addresses are public, after IANA's special-purpose registries (RFC 6890 and its updates), with the IPv6 forms
 * that carry an IPv4 address looked through to it. */
#include "proxy/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct range4 {
    uint32_t network;
    unsigned bits;
    enum hf_address_class class;
};

#define IP4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* The first match counts. */
static const struct range4 ranges4[] = {
    {IP4(0, 0, 0, 0), 8, HF_ADDRESS_UNSPECIFIED}, /* 0.0.0.0 reaches this very machine on Linux */
    {IP4(10, 0, 0, 0), 8, HF_ADDRESS_PRIVATE},
    {IP4(100, 64, 0, 0), 10, HF_ADDRESS_CGNAT},
    {IP4(127, 0, 0, 0), 8, HF_ADDRESS_LOOPBACK},
    {IP4(168, 63, 129, 16), 32, HF_ADDRESS_RESERVED}, /* Azure's host agent: public in form, the host's in fact */
    {IP4(169, 254, 0, 0), 16, HF_ADDRESS_LINK_LOCAL}, /* cloud metadata among them */
    {IP4(172, 16, 0, 0), 12, HF_ADDRESS_PRIVATE},
    {IP4(192, 0, 0, 0), 24, HF_ADDRESS_RESERVED},
    {IP4(192, 0, 2, 0), 24, HF_ADDRESS_DOCUMENTATION},
    {IP4(192, 88, 99, 0), 24, HF_ADDRESS_RESERVED}, /* 6to4 relays, RFC 7526 */
    {IP4(192, 168, 0, 0), 16, HF_ADDRESS_PRIVATE},
    {IP4(198, 18, 0, 0), 15, HF_ADDRESS_BENCHMARK},
    {IP4(198, 51, 100, 0), 24, HF_ADDRESS_DOCUMENTATION},
    {IP4(203, 0, 113, 0), 24, HF_ADDRESS_DOCUMENTATION},
    {IP4(224, 0, 0, 0), 4, HF_ADDRESS_MULTICAST},
    {IP4(255, 255, 255, 255), 32, HF_ADDRESS_BROADCAST},
    {IP4(240, 0, 0, 0), 4, HF_ADDRESS_RESERVED},
};

struct range6 {
    uint8_t network[16];
    unsigned bits;
    enum hf_address_class class;
};

/* The first match counts; what is left is public inside 2000::/3 and reserved outside of it. */
static const struct range6 ranges6[] = {
    {{0}, 128, HF_ADDRESS_UNSPECIFIED},
    {{[15] = 1}, 128, HF_ADDRESS_LOOPBACK},
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, HF_ADDRESS_PRIVATE}, /* local-use NAT64, RFC 8215 */
    {{0x00, 0x64, 0xff, 0x9b}, 96, HF_ADDRESS_PUBLIC},              /* NAT64: what it embeds decides */
    {{[10] = 0xff, [11] = 0xff}, 96, HF_ADDRESS_PUBLIC},            /* IPv4-mapped: the same */
    {{0}, 96, HF_ADDRESS_RESERVED},                                 /* IPv4-compatible: no longer routed */
    {{0x01}, 64, HF_ADDRESS_RESERVED},                              /* discard */
    {{0x20, 0x01, 0x00, 0x00}, 32, HF_ADDRESS_PUBLIC},              /* Teredo: what it embeds decides */
    {{0x20, 0x01, 0x00, 0x02}, 48, HF_ADDRESS_BENCHMARK},
    {{0x20, 0x01, 0x00, 0x00}, 23, HF_ADDRESS_RESERVED},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, HF_ADDRESS_DOCUMENTATION},
    {{0x3f, 0xff}, 20, HF_ADDRESS_DOCUMENTATION},
    {{0x5f, 0x00}, 16, HF_ADDRESS_RESERVED}, /* segment routing */
    {{0xfc}, 7, HF_ADDRESS_PRIVATE},
    {{0xfe, 0x80}, 10, HF_ADDRESS_LINK_LOCAL},
    {{0xfe, 0xc0}, 10, HF_ADDRESS_PRIVATE}, /* site-local, RFC 3879 */
    {{0xff}, 8, HF_ADDRESS_MULTICAST},
    {{0x20}, 3, HF_ADDRESS_PUBLIC},
};

static enum hf_address_class classify4(uint32_t address)
{
    for (size_t i = 0; i < sizeof(ranges4) / sizeof(ranges4[0]); i++) {
        uint32_t mask = ~(uint32_t)0 << (32 - ranges4[i].bits);

        if ((address & mask) == ranges4[i].network)
            return ranges4[i].class;
    }
    return HF_ADDRESS_PUBLIC;
}

static bool within(const uint8_t *address, const uint8_t *network, unsigned bits)
{
    unsigned bytes = bits / 8;
    unsigned rest = bits % 8;

    if (memcmp(address, network, bytes))
        return false;
    return rest == 0 || ((address[bytes] ^ network[bytes]) >> (8 - rest)) == 0;
}

static enum hf_address_class classify4_at(const uint8_t *bytes)
{
    return classify4(IP4(bytes[0], bytes[1], bytes[2], bytes[3]));
}

/* The enumeration is in the order of strictness where it matters: never-dialled classes are the greatest. */
static enum hf_address_class stricter(enum hf_address_class one, enum hf_address_class other)
{
    return one > other ? one : other;
}

/* RFC 6052 puts the IPv4 address behind the prefix, around the byte at 8, or into the last 32 bits under a /96. For the
 * local-use /48 both are in use: where the suffix is zero it is the first. */
static enum hf_address_class embedded_in_local_nat64(const uint8_t *b)
{
    static const uint8_t zero[5];
    const uint8_t split[] = {b[6], b[7], b[9], b[10]};

    return memcmp(b + 11, zero, sizeof(zero)) ? classify4_at(b + 12) : classify4_at(split);
}

/* The class of the IPv4 address inside, PUBLIC where there is none. */
static enum hf_address_class embedded(const uint8_t *b)
{
    static const uint8_t zero[16], mapped[12] = {[10] = 0xff, [11] = 0xff}, translated[12] = {[8] = 0xff, [9] = 0xff};
    static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b}, nat64_local[6] = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
    static const uint8_t six_to_four[2] = {0x20, 0x02}, teredo[4] = {0x20, 0x01}, isatap[3] = {0x00, 0x5e, 0xfe};

    /* :: and ::1 are addresses of their own, not IPv4-compatible ones. */
    if (within(b, zero, 96))
        return within(b, zero, 127) ? HF_ADDRESS_PUBLIC : classify4_at(b + 12);
    if (within(b, mapped, 96) || within(b, translated, 96) || within(b, nat64, 96))
        return classify4_at(b + 12);
    if (within(b, nat64_local, 48))
        return embedded_in_local_nat64(b);
    if (within(b, six_to_four, 16))
        return classify4_at(b + 2);
    if (within(b, teredo, 32)) { /* RFC 4380: the server in the clear, the client inverted */
        uint32_t client = ~IP4(b[12], b[13], b[14], b[15]);

        return stricter(classify4_at(b + 4), classify4(client));
    }
    if ((b[8] & 0xfd) == 0 && !memcmp(b + 9, isatap, sizeof(isatap))) /* RFC 5214 */
        return classify4_at(b + 12);
    return HF_ADDRESS_PUBLIC;
}

static enum hf_address_class classify6(const uint8_t *b)
{
    for (size_t i = 0; i < sizeof(ranges6) / sizeof(ranges6[0]); i++)
        if (within(b, ranges6[i].network, ranges6[i].bits))
            return ranges6[i].class;
    return HF_ADDRESS_RESERVED;
}

enum hf_address_class hf_address_classify(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, address, sizeof(v4));
        return classify4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        enum hf_address_class inner;

        memcpy(&v6, address, sizeof(v6));
        inner = embedded(v6.sin6_addr.s6_addr);
        return inner == HF_ADDRESS_PUBLIC ? classify6(v6.sin6_addr.s6_addr) : inner;
    }
    return HF_ADDRESS_UNKNOWN_FAMILY;
}

const char *hf_address_class_name(enum hf_address_class class)
{
    static const char *const names[] = {
        [HF_ADDRESS_PUBLIC] = "public",
        [HF_ADDRESS_LOOPBACK] = "loopback",
        [HF_ADDRESS_LINK_LOCAL] = "link-local",
        [HF_ADDRESS_PRIVATE] = "private",
        [HF_ADDRESS_CGNAT] = "carrier-grade NAT",
        [HF_ADDRESS_BENCHMARK] = "benchmarking",
        [HF_ADDRESS_DOCUMENTATION] = "documentation",
        [HF_ADDRESS_RESERVED] = "reserved",
        [HF_ADDRESS_UNSPECIFIED] = "unspecified",
        [HF_ADDRESS_MULTICAST] = "multicast",
        [HF_ADDRESS_BROADCAST] = "broadcast",
        [HF_ADDRESS_UNKNOWN_FAMILY] = "unknown",
    };

    return names[class];
}

bool hf_address_permittable(enum hf_address_class class)
{
    return class < HF_ADDRESS_UNSPECIFIED;
}

bool hf_address_permitted(enum hf_address_class class, bool named)
{
    return class == HF_ADDRESS_PUBLIC || (named && hf_address_permittable(class));
}

static const uint8_t *bytes_of(const union hf_address *address)
{
    return address->any.sa_family == AF_INET ? (const uint8_t *)&address->v4.sin_addr : address->v6.sin6_addr.s6_addr;
}

bool hf_address_within(const union hf_address *address, const union hf_address *network, unsigned bits)
{
    return address->any.sa_family == network->any.sa_family && within(bytes_of(address), bytes_of(network), bits);
}

socklen_t hf_address_length(const union hf_address *address)
{
    return address->any.sa_family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

const char *hf_address_text(const union hf_address *address, char text[static HF_ADDRESS_TEXT_MAX])
{
    if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->v4.sin_addr, text, HF_ADDRESS_TEXT_MAX);
    } else {
        inet_ntop(AF_INET6, &address->v6.sin6_addr, text, HF_ADDRESS_TEXT_MAX);
        if (address->v6.sin6_scope_id) {
            size_t length = strlen(text);

            snprintf(text + length, HF_ADDRESS_TEXT_MAX - length, "%%%u", address->v6.sin6_scope_id);
        }
    }
    return text;
}
