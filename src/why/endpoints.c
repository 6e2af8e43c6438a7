#include "why/endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "why/proxied.h"

/* The host's length in "host:port". 0 where it is none that a policy is to name. */
static size_t host_of(const struct hf_denial *denial, unsigned *port)
{
    const char *colon = strrchr(denial->path, ':');

    if (!denial->act || !hf_proxied_is_host(denial->act) || !colon)
        return 0;
    *port = (unsigned)strtoul(colon + 1, NULL, 10);
    return (size_t)(colon - denial->path);
}

size_t hf_endpoints_write(const struct hf_denials *denials, const char *indent, FILE *stream)
{
    size_t count = 0;
    unsigned port;

    for (size_t i = 0; i < denials->count; i++) {
        const char *host = denials->items[i].path;
        const int length = (int)host_of(&denials->items[i], &port);

        if (length == 0)
            continue;
        count++;
        fprintf(stream, "%s\"%.*s:%u\": {endpoints: [{host: \"%.*s\", port: %u}]}\n", indent, length, host, port,
                length, host, port);
    }
    return count;
}

static bool is_in(const struct hf_policy *policy, const char *host, size_t length, unsigned port)
{
    for (size_t n = 0; n < policy->network_count; n++)
        for (size_t e = 0; e < policy->networks[n].endpoint_count; e++) {
            const struct hf_endpoint *endpoint = &policy->networks[n].endpoints[e];

            for (size_t p = 0; p < endpoint->port_count; p++)
                if (endpoint->ports[p] == port && strlen(endpoint->host) == length &&
                    memcmp(endpoint->host, host, length) == 0)
                    return true;
        }
    return false;
}

bool hf_endpoints_are_in(const struct hf_denials *denials, const struct hf_policy *policy)
{
    unsigned port;

    for (size_t i = 0; i < denials->count; i++) {
        const size_t length = host_of(&denials->items[i], &port);

        if (length && !is_in(policy, denials->items[i].path, length, port))
            return false;
    }
    return true;
}
