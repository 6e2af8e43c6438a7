/* What a command is told of its proxy, and that one that could not be told all is told so: setenv(3) and unsetenv(3) are this
 * file's own, and fail when they are to. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "launch/proxy_environment.h"

#define MOST 64

static struct {
    char name[64], value[128];
} set[MOST];
static size_t set_count, calls, failing;

static int fails(void)
{
    if (++calls != failing)
        return 0;
    errno = ENOMEM;
    return 1;
}

static size_t place_of(const char *name)
{
    for (size_t i = 0; i < set_count; i++)
        if (strcmp(set[i].name, name) == 0)
            return i;
    return set_count;
}

int setenv(const char *name, const char *value, int overwrite)
{
    const size_t at = place_of(name);

    if (fails())
        return -1;
    if (at < set_count && !overwrite)
        return 0;
    snprintf(set[at].name, sizeof(set[at].name), "%s", name);
    snprintf(set[at].value, sizeof(set[at].value), "%s", value);
    set_count += at == set_count;
    return 0;
}

int unsetenv(const char *name)
{
    const size_t at = place_of(name);

    if (fails())
        return -1;
    if (at < set_count)
        set[at] = set[--set_count];
    return 0;
}

static const char *value_of(const char *name)
{
    const size_t at = place_of(name);

    return at < set_count ? set[at].value : NULL;
}

/* As a caller has them who has a proxy of its own. */
static void begin(size_t fail_at)
{
    set_count = calls = failing = 0;
    assert_int_equal(setenv("NO_PROXY", "*", 1) | setenv("no_proxy", "*", 1) | setenv("HTTPS_PROXY", "http://other", 1) |
                         setenv("PIP_CERT", "/other", 1),
                     0);
    calls = 0;
    failing = fail_at;
}

static const char *const proxies[] = {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"};
static const char *const bundles[] = {"SSL_CERT_FILE",  "CURL_CA_BUNDLE",    "REQUESTS_CA_BUNDLE", "PIP_CERT",
                                      "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "AWS_CA_BUNDLE",      "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                                      "NIX_SSL_CERT_FILE"};
static const char *const own[] = {"DENO_CERT", "NODE_EXTRA_CA_CERTS"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void it_is_told_where_the_proxy_is_and_whom_to_trust(void **state)
{
    (void)state;
    for (int terminates = 0; terminates < 2; terminates++) {
        begin(0);
        assert_true(hf_proxy_environment_set(65535, "/run/own", terminates));
        for (size_t i = 0; i < COUNT(proxies); i++)
            assert_string_equal(value_of(proxies[i]), "http://127.0.0.1:65535");
        assert_string_equal(value_of("HOLDFAST_RUN_DIRECTORY"), "/run/own");
        assert_string_equal(value_of("NODE_USE_ENV_PROXY"), "1");
        assert_null(value_of("NO_PROXY"));
        assert_null(value_of("no_proxy"));
        for (size_t i = 0; terminates && i < COUNT(bundles); i++)
            assert_string_equal(value_of(bundles[i]), "/run/own/bundle.pem");
        for (size_t i = 0; terminates && i < COUNT(own); i++)
            assert_string_equal(value_of(own[i]), "/run/own/ca.pem");
        assert_int_equal(set_count, COUNT(proxies) + 2 + (terminates ? COUNT(bundles) + COUNT(own) : 1));
    }
    assert_string_equal(value_of("PIP_CERT"), "/run/own/bundle.pem");
}

static void what_cannot_be_told_is_a_failure(void **state)
{
    (void)state;
    for (int terminates = 0; terminates < 2; terminates++) {
        size_t all;

        begin(0);
        assert_true(hf_proxy_environment_set(1, "/run/own", terminates));
        all = calls;
        for (size_t i = 1; i <= all; i++) {
            begin(i);
            assert_false(hf_proxy_environment_set(1, "/run/own", terminates));
            assert_int_equal(errno, ENOMEM);
            assert_int_equal(calls, i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_told_where_the_proxy_is_and_whom_to_trust),
        cmocka_unit_test(what_cannot_be_told_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
