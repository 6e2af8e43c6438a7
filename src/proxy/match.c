/* The policy against one target. Everything is compared label by label in ASCII, without regard to case. */
#include "proxy/match.h"

#include <arpa/inet.h>
#include <string.h>

#include "proxy/ascii.h"

/* Addresses are compared as addresses: ::1 has many spellings. An IPv4-mapped one is not the IPv4 one. */
static bool same_address(const char *pattern, const struct hf_target *target)
{
    unsigned char wanted[sizeof(struct in6_addr)];
    int family = target->address.any.sa_family;

    if (inet_pton(family, pattern, wanted) != 1)
        return false;
    if (family == AF_INET)
        return !memcmp(wanted, &target->address.v4.sin_addr, sizeof(struct in_addr));
    return !memcmp(wanted, &target->address.v6.sin6_addr, sizeof(struct in6_addr));
}

bool hf_match_host(const char *pattern, const struct hf_target *target, bool *named)
{
    const struct hf_span host = {target->host, strlen(target->host)};
    size_t length = strlen(pattern);

    *named = true;
    if (target->address.any.sa_family != AF_UNSPEC)
        return same_address(pattern, target);
    if (length && pattern[length - 1] == '.')
        length--;
    if (length < 3 || pattern[0] != '*' || pattern[1] != '.')
        return length && hf_same_word((struct hf_span){pattern, length}, host);
    *named = false;
    pattern++; /* keeps the dot: so that evilexample.com is not under example.com, and example.com itself is too short */
    length--;
    return host.length > length &&
           hf_same_word((struct hf_span){pattern, length}, (struct hf_span){host.at + host.length - length, length});
}

/* No port listed means that none is allowed. */
static bool has_port(const struct hf_endpoint *endpoint, uint16_t port)
{
    for (size_t i = 0; i < endpoint->port_count; i++)
        if (endpoint->ports[i] == port)
            return true;
    return false;
}

bool hf_match_covers(const struct hf_network_policy *network, const struct hf_target *target)
{
    bool named;

    for (size_t i = 0; i < network->endpoint_count; i++)
        if (hf_match_host(network->endpoints[i].host, target, &named) && has_port(&network->endpoints[i], target->port))
            return true;
    return false;
}

static bool is_open(const struct hf_policy *policy, size_t network, const bool *admitted)
{
    return !policy->networks[network].binaries.given || (admitted && admitted[network]);
}

struct hf_match hf_match_target(const struct hf_policy *policy, const struct hf_target *target, const bool *admitted)
{
    struct hf_match best = {.verdict = HF_MATCH_NO_HOST};

    for (size_t i = 0; i < policy->network_count; i++) {
        const struct hf_network_policy *network = &policy->networks[i];

        for (size_t j = 0; j < network->endpoint_count; j++) {
            const struct hf_endpoint *endpoint = &network->endpoints[j];
            struct hf_match match = {.network = network, .endpoint = endpoint};

            if (!hf_match_host(endpoint->host, target, &match.named))
                continue;
            match.verdict = !has_port(endpoint, target->port)  ? HF_MATCH_NO_PORT
                            : !is_open(policy, i, admitted) ? HF_MATCH_NO_PROGRAM
                                                            : HF_MATCH_ALLOWED;
            /* A rule that names the host allows most: it need not be looked further for. */
            if (match.verdict == HF_MATCH_ALLOWED && match.named)
                return match;
            if (match.verdict < best.verdict)
                best = match;
        }
    }
    return best;
}

bool hf_match_ranges(const struct hf_endpoint *endpoint, const union hf_address *address)
{
    for (size_t i = 0; i < endpoint->range_count; i++)
        if (hf_address_within(address, &endpoint->ranges[i].network, endpoint->ranges[i].bits))
            return true;
    return endpoint->range_count == 0;
}

struct hf_match hf_match_address(const struct hf_policy *policy, const struct hf_target *target,
                                 const bool *admitted, const union hf_address *address)
{
    const enum hf_address_class class = hf_address_classify(&address->any);

    for (size_t i = 0; i < policy->network_count; i++) {
        const struct hf_network_policy *network = &policy->networks[i];

        for (size_t j = 0; j < network->endpoint_count; j++) {
            const struct hf_endpoint *endpoint = &network->endpoints[j];
            struct hf_match match = {.verdict = HF_MATCH_ALLOWED, .network = network, .endpoint = endpoint};

            if (is_open(policy, i, admitted) && hf_match_host(endpoint->host, target, &match.named) &&
                has_port(endpoint, target->port) && hf_address_permitted(class, match.named) &&
                hf_match_ranges(endpoint, address))
                return match;
        }
    }
    return (struct hf_match){.verdict = HF_MATCH_NO_HOST};
}

bool hf_match_is_open(const struct hf_policy *policy, size_t network, const struct hf_endpoint *endpoint,
                      const struct hf_target *target, const bool *admitted, const union hf_address *address)
{
    bool named;

    return is_open(policy, network, admitted) && hf_match_host(endpoint->host, target, &named) &&
           has_port(endpoint, target->port) &&
           (!address || (hf_address_permitted(hf_address_classify(&address->any), named) &&
                         hf_match_ranges(endpoint, address)));
}

bool hf_match_terminates(const struct hf_policy *policy, const struct hf_target *target, const bool *admitted)
{
    for (size_t i = 0; i < policy->network_count; i++)
        for (size_t j = 0; j < policy->networks[i].endpoint_count; j++)
            if (hf_endpoint_terminates(&policy->networks[i].endpoints[j]) &&
                hf_match_is_open(policy, i, &policy->networks[i].endpoints[j], target, admitted, NULL))
                return true;
    return false;
}

bool hf_match_judges_requests(const struct hf_policy *policy, const struct hf_target *target, const bool *admitted)
{
    for (size_t i = 0; i < policy->network_count; i++)
        for (size_t j = 0; j < policy->networks[i].endpoint_count; j++)
            if (policy->networks[i].endpoints[j].protocol == HF_PROTOCOL_REST &&
                hf_match_is_open(policy, i, &policy->networks[i].endpoints[j], target, admitted, NULL))
                return true;
    return false;
}
