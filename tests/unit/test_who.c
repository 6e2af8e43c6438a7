/* The pure parts of finding out who asks: patterns, names, and SHA-256 by the examples of FIPS 180-4. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/glob.h"
#include "who/name.h"
#include "who/sha256.h"

static const struct {
    const char *pattern;
    const char *path;
    bool covers;
} patterns[] = {
    {"/usr/bin/curl", "/usr/bin/curl", true},
    {"/usr/bin/curl", "/usr/bin/curl2", false},
    {"/usr/bin/curl2", "/usr/bin/curl", false},
    {"/usr/bin/*", "/usr/bin/curl", true},
    {"/usr/bin/*", "/usr/bin/", true},
    {"/usr/bin/*", "/usr/bin/a/b", false},
    {"/usr/*/curl", "/usr/bin/curl", true},
    {"/usr/*/curl", "/usr/local/bin/curl", false},
    {"/usr/**/curl", "/usr/local/bin/curl", true},
    {"/usr/**/curl", "/usr/curl", false},
    {"**", "/any/thing", true},
    {"/**", "/any/thing", true},
    {"**/curl", "/opt/curl", true},
    {"/a/*b*c", "/a/xbxbxc", true},
    {"/a/*b*c", "/a/xb/c", false},
    {"/**/x*/y", "/1/x1/x2/y", true},
    {"/**/x*/y", "/1/x1/x2/z", false},
    {"/usr/bin/pytho?", "/usr/bin/python", false},
    {"/usr/bin/pytho[n]", "/usr/bin/python", false},
    {"/home/*/.local/bin/copilot", "/home/me/.local/bin/copilot", true},
    {"", "", true},
};

static void a_pattern_covers_whole_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        if (hf_glob_match(patterns[i].pattern, patterns[i].path) != patterns[i].covers)
            fail_msg("%s and %s", patterns[i].pattern, patterns[i].path);
}

/* In time that a client would notice only if it were exponential. */
static void a_pattern_of_many_stars_ends(void **state)
{
    char path[2001];

    (void)state;
    memset(path, 'a', 2000);
    path[2000] = '\0';
    assert_false(hf_glob_match("*a*a*a*a*a*a*a*a*a*a**a**a**a**a**a**a*a*a*a*a*b", path));
}

static void a_name_is_printable_and_short(void **state)
{
    char name[HF_ASKER_PROGRAM_MAX], longest[1000];

    (void)state;
    hf_name_program(NULL, name);
    assert_string_equal(name, "");
    hf_name_program("/bin/a\nb\x7f\xff\xc3\xa9\xc2\x85", name);
    assert_string_equal(name, "/bin/a?b??\xc3\xa9?");
    memset(longest, 'x', sizeof(longest));
    memcpy(longest + sizeof(longest) - 5, "/end", 5);
    hf_name_program(longest, name);
    assert_int_equal(strlen(name), HF_ASKER_PROGRAM_MAX - 1);
    assert_memory_equal(name, "...x", 4);
    assert_string_equal(name + strlen(name) - 4, "/end");
}

static void expect_digest(const char *text, size_t times, const char *digest)
{
    const int fd = memfd_create("text", MFD_CLOEXEC);
    uint8_t got[HF_SHA256_SIZE];
    char hex[2 * HF_SHA256_SIZE + 1];

    assert_true(fd >= 0);
    for (size_t i = 0; i < times; i++)
        assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_true(hf_sha256_file(fd, got));
    for (size_t i = 0; i < sizeof(got); i++)
        snprintf(hex + 2 * i, 3, "%02x", got[i]);
    assert_string_equal(hex, digest);
    close(fd);
}

static void sha256_of_the_standards_examples(void **state)
{
    (void)state;
    expect_digest("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_digest("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect_digest("aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_covers_whole_paths),
        cmocka_unit_test(a_pattern_of_many_stars_ends),
        cmocka_unit_test(a_name_is_printable_and_short),
        cmocka_unit_test(sha256_of_the_standards_examples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
