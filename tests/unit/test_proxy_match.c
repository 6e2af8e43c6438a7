/* The policy against hosts, ports and addresses: which rule lets a request through, which half fails, in which words. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "proxy/judge.h"

static uint16_t https[] = {443};
static uint16_t web[] = {80, 443, 8080};

#define ENDPOINT(name, list) {.host = (char *)(name), .ports = list, .port_count = sizeof(list) / sizeof(list[0])}

/* a.b.0.0 in the network's order; htonl is no constant. */
#define RANGE4(a, b, length) {.network.v4 = {.sin_family = AF_INET, .sin_addr.s_addr = (a) | (b) << 8}, \
                              .bits = (length)}
#define RANGED(name, list) {.host = (char *)(name), .ports = https, .port_count = 1, \
                            .ranges = list, .range_count = sizeof(list) / sizeof(list[0])}

static struct hf_range tens[] = {RANGE4(10u, 0u, 8)};
static struct hf_range most[] = {RANGE4(172u, 16u, 12), RANGE4(192u, 168u, 16)};
static struct hf_range unique_local[] = {
    {.network.v6 = {.sin6_family = AF_INET6, .sin6_addr.s6_addr = {0xfc}}, .bits = 7}};
static struct hf_range everything[] = {RANGE4(0u, 0u, 0)};

static struct hf_endpoint exact[] = {
    RANGED("ranged.test", tens), RANGED("ranged.test", most), RANGED("six.test", unique_local),
    RANGED("all.test", everything), RANGED("*.all.test", everything), RANGED("loose.test", tens),
    ENDPOINT("loose.test", https),
    ENDPOINT("example.com", https), ENDPOINT("127.0.0.1", web), ENDPOINT("::1", web), ENDPOINT("0.0.0.0", web),
    {.host = (char *)"portless.example", .ports = NULL, .port_count = 0},
};
static struct hf_endpoint wild[] = {
    ENDPOINT("*.example.com", web), ENDPOINT("*.wild.test", web), ENDPOINT("a.wild.test", https),
    ENDPOINT("*", https),
};
static struct hf_network_policy networks[] = {
    {.key = (char *)"exact", .endpoints = exact, .endpoint_count = sizeof(exact) / sizeof(exact[0])},
    {.key = (char *)"wild", .endpoints = wild, .endpoint_count = sizeof(wild) / sizeof(wild[0])},
};
static const struct hf_policy policy = {.networks = networks, .network_count = 2};

struct row {
    const char *target;
    enum hf_match_verdict verdict;
    const char *key; /* of the rule, or NULL */
    bool named;
};

static const struct row rows[] = {
    {"example.com:443", HF_MATCH_ALLOWED, "exact", true},
    {"EXAMPLE.COM:443", HF_MATCH_ALLOWED, "exact", true},
    {"example.com.:443", HF_MATCH_ALLOWED, "exact", true},
    {"example.com:80", HF_MATCH_NO_PORT, "exact", true},
    {"example.com:8443", HF_MATCH_NO_PORT, "exact", true},
    {"www.example.com:80", HF_MATCH_ALLOWED, "wild", false},
    {"WWW.Example.COM.:80", HF_MATCH_ALLOWED, "wild", false},
    {"a.b.example.com:80", HF_MATCH_ALLOWED, "wild", false},
    {"www.example.com:22", HF_MATCH_NO_PORT, "wild", false},
    {"evilexample.com:443", HF_MATCH_NO_HOST, NULL, false},
    {"example.com.evil.test:443", HF_MATCH_NO_HOST, NULL, false},
    {"www.example.com.evil.test:443", HF_MATCH_NO_HOST, NULL, false},
    {"example.co:443", HF_MATCH_NO_HOST, NULL, false},
    {"xample.com:443", HF_MATCH_NO_HOST, NULL, false},
    {"com:443", HF_MATCH_NO_HOST, NULL, false},
    {"wild.test:443", HF_MATCH_NO_HOST, NULL, false},
    {"a.wild.test:443", HF_MATCH_ALLOWED, "wild", true},  /* the exact rule wins over the wildcard before it */
    {"a.wild.test:80", HF_MATCH_ALLOWED, "wild", false},  /* only the wildcard has this port */
    {"xn--example-9d0b.com:443", HF_MATCH_NO_HOST, NULL, false},
    {"anything:443", HF_MATCH_NO_HOST, NULL, false},      /* a lone star is not a wildcard here */
    {"portless.example:443", HF_MATCH_NO_PORT, "exact", true},
    {"127.0.0.1:80", HF_MATCH_ALLOWED, "exact", true},
    {"127.0.0.2:80", HF_MATCH_NO_HOST, NULL, false},
    {"[::1]:80", HF_MATCH_ALLOWED, "exact", true},
    {"[0:0::0:1]:80", HF_MATCH_ALLOWED, "exact", true},
    {"[::ffff:127.0.0.1]:80", HF_MATCH_NO_HOST, NULL, false},
    {"[::127.0.0.1]:80", HF_MATCH_NO_HOST, NULL, false},
    {"[64:ff9b::127.0.0.1]:80", HF_MATCH_NO_HOST, NULL, false},
    {"[2002:7f00:1::]:80", HF_MATCH_NO_HOST, NULL, false},
    {"169.254.169.254:80", HF_MATCH_NO_HOST, NULL, false},
    {"[::]:80", HF_MATCH_NO_HOST, NULL, false},
    {"0.0.0.0:80", HF_MATCH_ALLOWED, "exact", true}, /* and then refused for its address, below */
};

static struct hf_target target_of(const char *text)
{
    struct hf_target target = {0};
    const char *reason = hf_target_parse(text, strlen(text), &target);

    if (reason)
        fail_msg("%s: %s", text, reason);
    return target;
}

static void every_target_meets_its_rule(void **state)
{
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hf_target target = target_of(rows[i].target);
        struct hf_match match = hf_match_target(&policy, &target, NULL);
        const char *key = match.network ? match.network->key : NULL;

        if (match.verdict == rows[i].verdict && match.named == rows[i].named && !key == !rows[i].key &&
            (!key || !strcmp(key, rows[i].key)))
            continue;
        print_error("%s: got verdict %d, rule %s, named %d\n", rows[i].target, (int)match.verdict, key ? key : "-",
                    match.named);
        bad++;
    }
    assert_int_equal(bad, 0);
}

static void an_empty_policy_denies_everything(void **state)
{
    const struct hf_policy empty = {0};
    struct hf_network_policy bare = {.key = (char *)"bare"};
    const struct hf_policy hostless = {.networks = &bare, .network_count = 1};
    struct hf_target target = target_of("example.com:443");

    (void)state;
    assert_int_equal(hf_match_target(&empty, &target, NULL).verdict, HF_MATCH_NO_HOST);
    assert_int_equal(hf_match_target(&hostless, &target, NULL).verdict, HF_MATCH_NO_HOST);
}

struct answer_row {
    const char *title;
    const char *target;
    const char *addresses[4]; /* what the name turned out to have */
    bool allowed;
};

static const struct answer_row answers[] = {
    {"public addresses", "www.example.com:443", {"8.8.8.8", "2606:4700::1"}, true},
    {"a named host may be on loopback", "example.com:443", {"127.0.0.1"}, true},
    {"a named host may be on a private network", "example.com:443", {"10.1.2.3"}, true},
    {"a named host may be link-local", "example.com:443", {"169.254.1.1"}, true},
    {"a named host is never unspecified", "example.com:443", {"0.0.0.0"}, false},
    {"a named host is never unspecified in IPv6", "example.com:443", {"::"}, false},
    {"a named host is never multicast", "example.com:443", {"224.0.0.1"}, false},
    {"a named host is never broadcast", "example.com:443", {"255.255.255.255"}, false},
    {"the unspecified address itself", "0.0.0.0:80", {"0.0.0.0"}, false},
    {"rebinding to loopback", "www.example.com:443", {"127.0.0.1"}, false},
    {"rebinding to the metadata service", "www.example.com:443", {"169.254.169.254"}, false},
    {"a CNAME to the inside", "www.example.com:443", {"192.168.1.1"}, false},
    {"a good A and a bad AAAA", "www.example.com:443", {"8.8.8.8", "::1"}, false},
    {"a bad A and a good AAAA", "www.example.com:443", {"10.0.0.1", "2606:4700::1"}, false},
    {"the bad one last of many", "www.example.com:443", {"8.8.8.8", "8.8.4.4", "2606:4700::1", "fd00::1"}, false},
    {"mapped", "www.example.com:443", {"::ffff:127.0.0.1"}, false},
    {"compatible", "www.example.com:443", {"::127.0.0.1"}, false},
    {"NAT64", "www.example.com:443", {"64:ff9b::a9fe:a9fe"}, false},
    {"6to4", "www.example.com:443", {"2002:7f00:1::"}, false},
    {"within the range", "ranged.test:443", {"10.255.255.255"}, true},
    {"within the range of another endpoint", "ranged.test:443", {"172.31.255.255", "192.168.0.1"}, true},
    {"within ranges of both", "ranged.test:443", {"10.0.0.0", "172.16.0.0"}, true},
    {"just below the range", "ranged.test:443", {"9.255.255.255"}, false},
    {"just above the range", "ranged.test:443", {"172.32.0.0"}, false},
    {"a public address without the range", "ranged.test:443", {"8.8.8.8"}, false},
    {"one within and one without", "ranged.test:443", {"10.0.0.1", "8.8.8.8"}, false},
    {"one without and one within", "ranged.test:443", {"8.8.8.8", "10.0.0.1"}, false},
    {"mapped, for an IPv4 range", "ranged.test:443", {"::ffff:10.0.0.1"}, false},
    {"IPv6 for an IPv4 range", "ranged.test:443", {"a00::"}, false},
    {"within an IPv6 range", "six.test:443", {"fdff::1", "fc00::"}, true},
    {"without an IPv6 range", "six.test:443", {"fe00::"}, false},
    {"IPv4 for an IPv6 range", "six.test:443", {"252.0.0.0"}, false},
    {"a range of everything", "all.test:443", {"8.8.8.8", "10.0.0.1"}, true},
    {"a range of everything has no unspecified address", "all.test:443", {"0.0.0.0"}, false},
    {"a range of everything is of IPv4", "all.test:443", {"2606:4700::1"}, false},
    {"a range does not name a host", "www.all.test:443", {"10.0.0.1"}, false},
    {"a public address in the range of a wildcard", "www.all.test:443", {"8.8.8.8"}, true},
    {"another endpoint gives no range", "loose.test:443", {"8.8.8.8", "10.0.0.1"}, true},
    {"a mixed answer for a named host", "example.com:443", {"8.8.8.8", "0.0.0.0"}, false},
};

static union hf_address address_of(const char *text)
{
    union hf_address address = {.v6 = {0}};

    address.any.sa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
    assert_int_equal(inet_pton(address.any.sa_family, text,
                               strchr(text, ':') ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr), 1);
    return address;
}

static void every_answer_is_judged_whole(void **state)
{
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct hf_target target = target_of(answers[i].target);
        struct hf_judgement judgement;
        struct hf_match match;
        union hf_address list[4];
        size_t count = 0;

        assert_true(hf_judge_target(&policy, &target, NULL, &match, &judgement));
        while (count < 4 && answers[i].addresses[count]) {
            list[count] = address_of(answers[i].addresses[count]);
            count++;
        }
        if (hf_judge_addresses(&policy, &target, NULL, &match, list, count, false, &judgement) == answers[i].allowed)
            continue;
        print_error("%s: got %s\n", answers[i].title, answers[i].allowed ? judgement.reason : "allowed");
        bad++;
    }
    assert_int_equal(bad, 0);
}

static void an_address_without_the_range_is_told_as_that(void **state)
{
    struct hf_target target = target_of("ranged.test:443");
    struct hf_match match = hf_match_target(&policy, &target, NULL);
    union hf_address list[] = {address_of("10.0.0.1"), address_of("8.8.8.8")};
    struct hf_judgement judgement;

    (void)state;
    assert_false(hf_judge_addresses(&policy, &target, NULL, &match, list, 2, false, &judgement));
    assert_string_equal(judgement.decision.failed, "address");
    assert_string_equal(judgement.decision.address, "8.8.8.8");
    assert_string_equal(judgement.reason,
                        "the host has the address 8.8.8.8, which is not in allowed_ips of its endpoint");
    assert_string_equal(judgement.remedy, "if this address is meant, add it to allowed_ips of this host under "
                                          "network_policies.exact");
}

static void an_answer_that_is_cut_is_refused(void **state)
{
    struct hf_target target = target_of("example.com:443");
    struct hf_match match = hf_match_target(&policy, &target, NULL);
    union hf_address address = address_of("8.8.8.8");
    struct hf_judgement judgement;

    (void)state;
    assert_true(hf_judge_addresses(&policy, &target, NULL, &match, &address, 1, false, &judgement));
    assert_false(hf_judge_addresses(&policy, &target, NULL, &match, &address, 1, true, &judgement));
}

/* The body of a response as an object; its length is what the head says. */
static json_t *body_of(const struct hf_decision *decision)
{
    char text[HF_TELL_MAX + 1];
    size_t length = hf_tell_client(text, decision), said;
    const char *body, *field;
    json_t *json;

    text[length] = '\0';
    body = strstr(text, "\r\n\r\n");
    field = strstr(text, "Content-Length: ");
    assert_true(body && field && strstr(text, "Content-Type: application/json\r\n") &&
                strstr(text, "Connection: close\r\n"));
    body += 4;
    said = strtoul(field + 16, NULL, 10);
    assert_int_equal(said, length - (size_t)(body - text));
    json = json_loads(body, 0, NULL);
    assert_non_null(json);
    return json;
}

static void assert_member(const json_t *json, const char *name, const char *value)
{
    assert_string_equal(json_string_value(json_object_get(json, name)), value);
}

static void a_refusal_says_which_half_failed_and_what_to_add(void **state)
{
    static const struct {
        const char *target, *failed, *reason, *remedy;
    } table[] = {
        {"evil.test:443", "host", "no endpoint of the policy has this host",
         "add an endpoint with host: \"evil.test\" and port: 443 under network_policies"},
        {"example.com:22", "port", "the policy allows this host on port 443, not on 22",
         "add port 22 to the endpoint of this host under network_policies.exact"},
        {"www.example.com:22", "port", "the policy allows this host on port 80, 443, 8080, not on 22",
         "add port 22 to the endpoint of this host under network_policies.wild"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hf_target target = target_of(table[i].target);
        struct hf_judgement judgement;
        struct hf_match match;
        json_t *json;

        assert_false(hf_judge_target(&policy, &target, NULL, &match, &judgement));
        json = body_of(&judgement.decision);
        assert_member(json, "error", "blocked-by-policy");
        assert_member(json, "host", target.host);
        assert_int_equal(json_integer_value(json_object_get(json, "port")), target.port);
        assert_member(json, "failed", table[i].failed);
        assert_member(json, "reason", table[i].reason);
        assert_member(json, "remedy", table[i].remedy);
        json_decref(json);
    }
}

static void what_is_told_is_json_whatever_the_key(void **state)
{
    static char nasty[64], longest[400];
    struct hf_judgement judgement;
    struct hf_target target = {.port = 443};
    struct hf_network_policy network = {.key = nasty};
    struct hf_match match = {.network = &network, .endpoint = exact};
    union hf_address address = address_of("10.0.0.1");
    json_t *json;

    (void)state;
    for (size_t i = 0; i < sizeof(nasty) - 1; i++)
        nasty[i] = (char)(i % 2 ? i + 1 : '"');
    memset(longest, 1, sizeof(longest) - 1); /* each byte becomes six */
    memset(target.host, 'a', sizeof(target.host) - 1);
    for (int i = 0; i < 3; i++) {
        network.key = i == 0 ? nasty : longest;
        if (i == 2) /* two-byte characters, so that the cut falls between bytes of one */
            for (size_t j = 0; j + 2 < sizeof(longest); j += 2)
                memcpy(longest + 1 + j, "\xc3\xbc", 2);
        assert_false(hf_judge_addresses(&policy, &target, NULL, &match, &address, 1, false, &judgement));
        json = body_of(&judgement.decision);
        if (i == 0)
            assert_member(json, "rule", nasty);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_target_meets_its_rule),
        cmocka_unit_test(an_empty_policy_denies_everything),
        cmocka_unit_test(every_answer_is_judged_whole),
        cmocka_unit_test(an_answer_that_is_cut_is_refused),
        cmocka_unit_test(an_address_without_the_range_is_told_as_that),
        cmocka_unit_test(a_refusal_says_which_half_failed_and_what_to_add),
        cmocka_unit_test(what_is_told_is_json_whatever_the_key),
    };

    return cmocka_run_group_tests_name("proxy match", tests, NULL, NULL);
}
