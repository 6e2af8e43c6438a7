/* Fuzzing the policy matcher. The input is an address in 16 bytes, an endpoint's host, a line end, and the host:port
 * that a client asks for. What is taken of it is compared with another reading of the policy, label by label from the end, and
 * no address that is not public passes unless its host is named in full. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "policy/host.h"
#include "proxy/judge.h"

/* The last label of a name, which is then without it; NULL where there is none. */
static const char *pop(char *name)
{
    char *dot = strrchr(name, '.');

    if (dot) {
        *dot = '\0';
        return dot + 1;
    }
    if (!name[0])
        return NULL;
    return name;
}

static bool covers(const char *host, const char *asked)
{
    char one[HF_HOST_MAX + 1], other[HF_TARGET_HOST_SIZE], *rest = one, *left = other;
    struct in6_addr a, b;

    strcpy(one, host);
    strcpy(other, asked);
    if (inet_pton(AF_INET6, host, &a) == 1 || inet_pton(AF_INET6, asked, &b) == 1)
        return inet_pton(AF_INET6, host, &a) == 1 && inet_pton(AF_INET6, asked, &b) == 1 && !memcmp(&a, &b, sizeof(a));
    for (;;) {
        const char *wanted = pop(rest), *have = pop(left);

        if (wanted && !strcmp(wanted, "*"))
            return have != NULL;
        if (!wanted || !have)
            return !wanted && !have;
        if (strcmp(wanted, have))
            return false;
        if (wanted == rest)
            rest = (char[]){""};
        if (have == left)
            left = (char[]){""};
    }
}

static void check_address(const struct hf_policy *policy, const struct hf_target *target, const uint8_t *bytes)
{
    union hf_address address = {.v6 = {.sin6_family = AF_INET6}};
    struct hf_judgement judgement;
    struct hf_match match;
    bool allowed;

    memcpy(&address.v6.sin6_addr, bytes, sizeof(address.v6.sin6_addr));
    if (bytes[0] & 1) {
        address.v4 = (struct sockaddr_in){.sin_family = AF_INET};
        memcpy(&address.v4.sin_addr, bytes + 12, sizeof(address.v4.sin_addr));
    }
    if (!hf_judge_target(policy, target, NULL, &match, &judgement))
        return;
    allowed = hf_judge_addresses(policy, target, NULL, &match, &address, 1, false, &judgement);
    if (policy->networks[0].endpoints[0].host[0] == '*')
        MUST(!allowed || hf_address_classify(&address.any) == HF_ADDRESS_PUBLIC);
    MUST(!allowed || hf_address_permittable(hf_address_classify(&address.any)));
    MUST(allowed || (judgement.decision.failed && !strcmp(judgement.decision.failed, "address")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint16_t ports[] = {443};
    char host[HF_HOST_MAX + 1], text[1024];
    struct hf_endpoint endpoint = {.host = host, .ports = ports, .port_count = 1};
    struct hf_network_policy network = {.key = (char[]){"fuzz"}, .endpoints = &endpoint, .endpoint_count = 1};
    struct hf_policy policy = {.networks = &network, .network_count = 1};
    struct hf_judgement judgement;
    struct hf_target target;
    struct hf_match match;
    char *end;
    bool allowed;

    if (size < 16 || size >= sizeof(text))
        return 0;
    memcpy(text, data + 16, size - 16);
    text[size - 16] = '\0';
    end = memchr(text, '\n', size - 16);
    if (!end)
        return 0;
    *end++ = '\0';
    if (hf_host_read(text, strlen(text), host))
        return 0;
    if (hf_target_parse(end, size - 16 - (size_t)(end - text), &target))
        return 0;
    allowed = hf_judge_target(&policy, &target, NULL, &match, &judgement);
    MUST(allowed == (covers(host, target.host) && target.port == 443));
    MUST(allowed || (judgement.decision.reason[0] && judgement.decision.remedy));
    check_address(&policy, &target, data);
    return 0;
}
