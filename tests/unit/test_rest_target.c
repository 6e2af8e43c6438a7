/* The canonical form of a request's target: what is made of each spelling, and which are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "rest/target.h"

struct row {
    const char *text;
    const char *wire; /* NULL: refused, and `path` is in the reason */
    const char *path;
};

static const struct row rows[] = {
    {"/", "/", "/"},
    {"", "/", "/"},
    {"?a=b", "/?a=b", "/"},
    {"*", "*", "*"},
    {"/a", "/a", "/a"},
    {"/a/", "/a/", "/a/"},
    {"/a/b?c=d&e=/../f", "/a/b?c=d&e=/../f", "/a/b"},
    {"/a?", "/a?", "/a"},
    {"/a?b?c", "/a?b?c", "/a"},
    /* dot segments, RFC 3986 section 5.2.4 */
    {"/a/./b", "/a/b", "/a/b"},
    {"/a/../b", "/b", "/b"},
    {"/a/b/../../c", "/c", "/c"},
    {"/a/..", "/", "/"},
    {"/a/b/..", "/a/", "/a/"},
    {"/a/b/../", "/a/", "/a/"},
    {"/a/.", "/a/", "/a/"},
    {"/.", "/", "/"},
    {"/./", "/", "/"},
    {"/...", "/...", "/..."},
    {"/.a/..b/c.", "/.a/..b/c.", "/.a/..b/c."},
    {"/..", NULL, "above the root"},
    {"/../a", NULL, "above the root"},
    {"/a/../../b", NULL, "above the root"},
    {"/./../a", NULL, "above the root"},
    /* the same in escapes */
    {"/a/%2e%2e/b", "/b", "/b"},
    {"/a/.%2E/b", "/b", "/b"},
    {"/a/%2e/b", "/a/b", "/a/b"},
    {"/%2e%2e/a", NULL, "above the root"},
    /* slashes in a row */
    {"//a", "/a", "/a"},
    {"/a//b", "/a/b", "/a/b"},
    {"/a///", "/a/", "/a/"},
    {"//", "/", "/"},
    {"//evil.test/a", "/evil.test/a", "/evil.test/a"},
    {"/a//../b", NULL, "two slashes"},
    {"//../b", NULL, "two slashes"},
    /* escapes */
    {"/%61%5F%7e", "/a_~", "/a_~"},
    {"/a%20b", "/a%20b", "/a b"},
    {"/%c3%a9", "/%C3%A9", "/\xc3\xa9"},
    {"/%40me", "/%40me", "/@me"},
    {"/@me", "/@me", "/@me"},
    {"/a%2Bb", "/a%2Bb", "/a+b"},
    {"/a+b", "/a+b", "/a+b"},
    {"/a%3Fb", "/a%3Fb", "/a?b"},
    {"/a%23b", "/a%23b", "/a#b"},
    {"/100%25", "/100%25", "/100%"},
    {"/a%25zz", "/a%25zz", "/a%zz"},
    {"/{a}|\"<b>`^", "/%7Ba%7D%7C%22%3Cb%3E%60%5E", "/{a}|\"<b>`^"},
    {"/a[0]", "/a%5B0%5D", "/a[0]"},
    {"/!$&'()*,=:", "/!$&'()*,=:", "/!$&'()*,=:"},
    {"/a%", NULL, "no escape"},
    {"/a%2", NULL, "no escape"},
    {"/a%2g", NULL, "no escape"},
    {"/a%%2f", NULL, "no escape"},
    {"/a%u002f", NULL, "no escape"},
    {"/a%2fb", NULL, "%2F"},
    {"/a%2Fb", NULL, "%2F"},
    {"/a/..%2fb", NULL, "%2F"},
    {"/a\\b", NULL, "backslash"},
    {"/a%5cb", NULL, "backslash"},
    {"/a/..\\b", NULL, "backslash"},
    {"/a%00", NULL, "NUL"},
    {"/a%0d%0ab", NULL, "control"},
    {"/a%7f", NULL, "control"},
    {"/a;b=c", NULL, "parameter"},
    {"/a%3bb=c", NULL, "parameter"},
    {"/a/..;/b", NULL, "parameter"},
    {"/%252e%252e/a", NULL, "escape in an escape"},
    {"/a%252fb", NULL, "escape in an escape"},
    {"/a%25%32%66b", NULL, "escape in an escape"},
    {"/a%2500", NULL, "escape in an escape"},
    {"/a%2501", NULL, "escape in an escape"},
    {"/%c0%ae%c0%ae/a", NULL, "UTF-8"},
    {"/%e9", NULL, "UTF-8"},
    {"/%ed%a0%80", NULL, "UTF-8"},
    /* no target at all */
    {"a", NULL, "does not begin with a slash"},
    {"*a", NULL, "does not begin with a slash"},
    {"*?a", NULL, "does not begin with a slash"},
    {"/a b", NULL, "blank"},
    {" /a", NULL, "blank"},
    {"/a\tb", NULL, "blank"},
    {"/a\r\nb", NULL, "blank"},
    {"/a#b", NULL, "#"},
    {"/a?b#c", NULL, "#"},
    {"/\xc3\xa9", NULL, "outside of ASCII"},
    {"/a?\xc3\xa9", NULL, "outside of ASCII"},
};

static struct hf_span span(const char *text)
{
    return (struct hf_span){text, strlen(text)};
}

static void each_spelling_is_one_path_or_none(void **state)
{
    static struct hf_rest_target target, again;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *reason = hf_rest_target_read(span(rows[i].text), &target);

        if (!rows[i].wire) {
            if (!reason || !strstr(reason, rows[i].path))
                fail_msg("%s: %s, not %s", rows[i].text, reason ? reason : target.wire, rows[i].path);
            continue;
        }
        if (reason)
            fail_msg("%s: %s", rows[i].text, reason);
        assert_string_equal(target.wire, rows[i].wire);
        assert_string_equal(target.path, rows[i].path);
        assert_int_equal(target.length, strlen(target.wire));
        assert_int_equal(target.path_length, strcspn(target.wire, "?"));
        if (strchr(rows[i].wire, '?'))
            assert_string_equal(target.query.at, strchr(target.wire, '?') + 1);
        else
            assert_null(target.query.at);
        assert_int_equal(target.query.length, target.query.at ? strlen(target.query.at) : 0);
        assert_null(hf_rest_target_read(span(target.wire), &again)); /* what is canonical stays so */
        assert_string_equal(again.wire, target.wire);
    }
}

static void what_is_too_long_is_refused(void **state)
{
    static char text[HF_REST_TARGET_MAX + 2];
    static struct hf_rest_target target;

    (void)state;
    memset(text, '/', 1);
    memset(text + 1, 'a', HF_REST_TARGET_MAX);
    assert_null(hf_rest_target_read((struct hf_span){text, HF_REST_TARGET_MAX}, &target));
    assert_string_equal(hf_rest_target_read((struct hf_span){text, HF_REST_TARGET_MAX + 1}, &target),
                        "a path that is too long");
    text[10] = '?';
    assert_null(hf_rest_target_read((struct hf_span){text, HF_REST_TARGET_MAX}, &target));
    assert_string_equal(hf_rest_target_read((struct hf_span){text, HF_REST_TARGET_MAX + 1}, &target),
                        "a query that is too long");
    memset(text + 1, '"', HF_REST_TARGET_MAX); /* each of three bytes */
    assert_string_equal(hf_rest_target_read((struct hf_span){text, HF_REST_TARGET_MAX / 2}, &target),
                        "a path that is too long");
}

static void what_is_only_told_of_stays_as_it_came(void **state)
{
    static struct hf_rest_target target;

    (void)state;
    assert_true(hf_rest_target_keep(span("/a/%2f/../b?c"), &target));
    assert_string_equal(target.wire, "/a/%2f/../b?c");
    assert_int_equal(target.path_length, strlen("/a/%2f/../b"));
    assert_int_equal(target.query.length, 0);
    assert_false(hf_rest_target_keep(span("/a b"), &target));
    assert_false(hf_rest_target_keep(span("/a\r\nb"), &target));
    assert_false(hf_rest_target_keep(span("/\xc3\xa9"), &target));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_spelling_is_one_path_or_none),
        cmocka_unit_test(what_is_too_long_is_refused),
        cmocka_unit_test(what_is_only_told_of_stays_as_it_came),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
