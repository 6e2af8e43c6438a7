/* Which kind of network each address leads to, and which kinds may be dialled. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/address.h"

struct row {
    const char *text;
    enum hf_address_class class;
};

static const struct row rows[] = {
    {"8.8.8.8", HF_ADDRESS_PUBLIC},
    {"1.0.0.0", HF_ADDRESS_PUBLIC},
    {"0.0.0.0", HF_ADDRESS_UNSPECIFIED},
    {"0.255.255.255", HF_ADDRESS_UNSPECIFIED},
    {"127.0.0.1", HF_ADDRESS_LOOPBACK},
    {"127.255.255.254", HF_ADDRESS_LOOPBACK},
    {"126.255.255.255", HF_ADDRESS_PUBLIC},
    {"128.0.0.0", HF_ADDRESS_PUBLIC},
    {"9.255.255.255", HF_ADDRESS_PUBLIC},
    {"10.0.0.0", HF_ADDRESS_PRIVATE},
    {"10.255.255.255", HF_ADDRESS_PRIVATE},
    {"11.0.0.0", HF_ADDRESS_PUBLIC},
    {"172.15.255.255", HF_ADDRESS_PUBLIC},
    {"172.16.0.0", HF_ADDRESS_PRIVATE},
    {"172.31.255.255", HF_ADDRESS_PRIVATE},
    {"172.32.0.0", HF_ADDRESS_PUBLIC},
    {"192.168.0.1", HF_ADDRESS_PRIVATE},
    {"192.167.255.255", HF_ADDRESS_PUBLIC},
    {"192.169.0.0", HF_ADDRESS_PUBLIC},
    {"100.63.255.255", HF_ADDRESS_PUBLIC},
    {"100.64.0.0", HF_ADDRESS_CGNAT},
    {"100.100.100.200", HF_ADDRESS_CGNAT},
    {"100.127.255.255", HF_ADDRESS_CGNAT},
    {"100.128.0.0", HF_ADDRESS_PUBLIC},
    {"169.254.169.254", HF_ADDRESS_LINK_LOCAL},
    {"169.254.0.0", HF_ADDRESS_LINK_LOCAL},
    {"169.253.255.255", HF_ADDRESS_PUBLIC},
    {"168.63.129.16", HF_ADDRESS_RESERVED},
    {"168.63.129.17", HF_ADDRESS_PUBLIC},
    {"192.0.0.8", HF_ADDRESS_RESERVED},
    {"192.0.1.0", HF_ADDRESS_PUBLIC},
    {"192.0.2.1", HF_ADDRESS_DOCUMENTATION},
    {"192.88.99.1", HF_ADDRESS_RESERVED},
    {"198.17.255.255", HF_ADDRESS_PUBLIC},
    {"198.18.0.0", HF_ADDRESS_BENCHMARK},
    {"198.19.255.255", HF_ADDRESS_BENCHMARK},
    {"198.20.0.0", HF_ADDRESS_PUBLIC},
    {"198.51.100.1", HF_ADDRESS_DOCUMENTATION},
    {"203.0.113.1", HF_ADDRESS_DOCUMENTATION},
    {"223.255.255.255", HF_ADDRESS_PUBLIC},
    {"224.0.0.1", HF_ADDRESS_MULTICAST},
    {"239.255.255.255", HF_ADDRESS_MULTICAST},
    {"240.0.0.0", HF_ADDRESS_RESERVED},
    {"255.255.255.254", HF_ADDRESS_RESERVED},
    {"255.255.255.255", HF_ADDRESS_BROADCAST},

    {"::", HF_ADDRESS_UNSPECIFIED},
    {"::1", HF_ADDRESS_LOOPBACK},
    {"2606:4700::1111", HF_ADDRESS_PUBLIC},
    {"3ffe::1", HF_ADDRESS_PUBLIC},
    {"3fff::1", HF_ADDRESS_DOCUMENTATION},
    {"3fff:fff::1", HF_ADDRESS_DOCUMENTATION},
    {"3fff:1000::1", HF_ADDRESS_PUBLIC},
    {"2001:db8::1", HF_ADDRESS_DOCUMENTATION},
    {"2001:db9::1", HF_ADDRESS_PUBLIC},
    {"2001:2::1", HF_ADDRESS_BENCHMARK},
    {"2001:2:1::1", HF_ADDRESS_RESERVED},
    {"2001:20::1", HF_ADDRESS_RESERVED},
    {"2001:1ff::1", HF_ADDRESS_RESERVED},
    {"2001:200::1", HF_ADDRESS_PUBLIC},
    {"100::1", HF_ADDRESS_RESERVED},
    {"4000::1", HF_ADDRESS_RESERVED},
    {"5f00::1", HF_ADDRESS_RESERVED},
    {"fc00::1", HF_ADDRESS_PRIVATE},
    {"fd00:ec2::254", HF_ADDRESS_PRIVATE},
    {"fe00::1", HF_ADDRESS_RESERVED},
    {"fe80::1", HF_ADDRESS_LINK_LOCAL},
    {"febf::1", HF_ADDRESS_LINK_LOCAL},
    {"fec0::1", HF_ADDRESS_PRIVATE},
    {"ff02::1", HF_ADDRESS_MULTICAST},
    /* IPv4 inside of IPv6 */
    {"::ffff:8.8.8.8", HF_ADDRESS_PUBLIC},
    {"::ffff:127.0.0.1", HF_ADDRESS_LOOPBACK},
    {"::ffff:169.254.169.254", HF_ADDRESS_LINK_LOCAL},
    {"::ffff:10.0.0.1", HF_ADDRESS_PRIVATE},
    {"::ffff:0.0.0.0", HF_ADDRESS_UNSPECIFIED},
    {"::ffff:255.255.255.255", HF_ADDRESS_BROADCAST},
    {"::127.0.0.1", HF_ADDRESS_LOOPBACK},
    {"::169.254.169.254", HF_ADDRESS_LINK_LOCAL},
    {"::10.0.0.1", HF_ADDRESS_PRIVATE},
    {"::8.8.8.8", HF_ADDRESS_RESERVED},
    {"::2", HF_ADDRESS_UNSPECIFIED},
    {"::ffff:0:127.0.0.1", HF_ADDRESS_LOOPBACK},
    {"::ffff:0:8.8.8.8", HF_ADDRESS_RESERVED},
    {"64:ff9b::8.8.8.8", HF_ADDRESS_PUBLIC},
    {"64:ff9b::127.0.0.1", HF_ADDRESS_LOOPBACK},
    {"64:ff9b::169.254.169.254", HF_ADDRESS_LINK_LOCAL},
    {"64:ff9b::a00:1", HF_ADDRESS_PRIVATE},
    {"64:ff9b::1:8.8.8.8", HF_ADDRESS_RESERVED},
    {"64:ff9b:1::8.8.8.8", HF_ADDRESS_PRIVATE},
    {"64:ff9b:1::127.0.0.1", HF_ADDRESS_LOOPBACK},
    {"64:ff9b:1:a9fe:a9:fe00::", HF_ADDRESS_LINK_LOCAL},
    {"64:ff9b:1:808:8:800::", HF_ADDRESS_PRIVATE},
    {"64:ff9b:2::8.8.8.8", HF_ADDRESS_RESERVED},
    {"2002:808:808::1", HF_ADDRESS_PUBLIC},
    {"2002:7f00:1::1", HF_ADDRESS_LOOPBACK},
    {"2002:a9fe:a9fe::1", HF_ADDRESS_LINK_LOCAL},
    {"2002:c0a8:1::1", HF_ADDRESS_PRIVATE},
    {"2001:0:808:808:0:0:f7f7:f7f7", HF_ADDRESS_PUBLIC},
    {"2001:0:808:808:0:0:80ff:fffe", HF_ADDRESS_LOOPBACK}, /* ~127.0.0.1 */
    {"2001:0:7f00:1:0:0:f7f7:f7f7", HF_ADDRESS_LOOPBACK},
    {"2001:0:808:808:0:0:5601:5601", HF_ADDRESS_LINK_LOCAL},
    {"2606:4700::5efe:127.0.0.1", HF_ADDRESS_LOOPBACK}, /* ISATAP */
    {"2606:4700::200:5efe:10.0.0.1", HF_ADDRESS_PRIVATE},
    {"2606:4700::5efe:8.8.8.8", HF_ADDRESS_PUBLIC},
};

static union hf_address address_of(const char *text)
{
    union hf_address address = {.v6 = {0}};

    if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1)
        address.v4.sin_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) == 1)
        address.v6.sin6_family = AF_INET6;
    else
        fail_msg("%s is no address", text);
    return address;
}

static void every_address_has_its_class(void **state)
{
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        union hf_address address = address_of(rows[i].text);
        enum hf_address_class class = hf_address_classify(&address.any);

        if (class == rows[i].class)
            continue;
        print_error("%s: got %s, expected %s\n", rows[i].text, hf_address_class_name(class),
                    hf_address_class_name(rows[i].class));
        bad++;
    }
    assert_int_equal(bad, 0);
}

static void a_class_is_permitted_as_the_table_says(void **state)
{
    static const struct {
        enum hf_address_class class;
        bool unnamed;
        bool named;
    } table[] = {
        {HF_ADDRESS_PUBLIC, true, true},          {HF_ADDRESS_LOOPBACK, false, true},
        {HF_ADDRESS_LINK_LOCAL, false, true},     {HF_ADDRESS_PRIVATE, false, true},
        {HF_ADDRESS_CGNAT, false, true},          {HF_ADDRESS_BENCHMARK, false, true},
        {HF_ADDRESS_DOCUMENTATION, false, true},  {HF_ADDRESS_RESERVED, false, true},
        {HF_ADDRESS_UNSPECIFIED, false, false},   {HF_ADDRESS_MULTICAST, false, false},
        {HF_ADDRESS_BROADCAST, false, false},     {HF_ADDRESS_UNKNOWN_FAMILY, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_int_equal(hf_address_permitted(table[i].class, false), table[i].unnamed);
        assert_int_equal(hf_address_permitted(table[i].class, true), table[i].named);
    }
}

static void another_family_is_never_dialled(void **state)
{
    const struct sockaddr address = {.sa_family = AF_UNIX};

    (void)state;
    assert_int_equal(hf_address_classify(&address), HF_ADDRESS_UNKNOWN_FAMILY);
}

static void an_address_is_printed_with_its_zone(void **state)
{
    union hf_address address = address_of("fe80::1");
    char text[HF_ADDRESS_TEXT_MAX];

    (void)state;
    assert_string_equal(hf_address_text(&address, text), "fe80::1");
    address.v6.sin6_scope_id = 4294967295U;
    assert_string_equal(hf_address_text(&address, text), "fe80::1%4294967295");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_has_its_class),
        cmocka_unit_test(a_class_is_permitted_as_the_table_says),
        cmocka_unit_test(another_family_is_never_dialled),
        cmocka_unit_test(an_address_is_printed_with_its_zone),
    };

    return cmocka_run_group_tests_name("proxy address", tests, NULL, NULL);
}
