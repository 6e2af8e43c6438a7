/* The roots that a machine trusts: a file of any length is read whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launch/roots.h"
#include "so.h"
#include "valgrind.h"

#define PIECE (1 << 18) /* what is read at once */
#define MOST (16 << 20)
#define SYSTEM "/etc/ssl/certs/ca-certificates.crt"

static char place[] = "/tmp/holdfast-roots-XXXXXX";
static char file[sizeof(place) + 8];

static int make_place(void **state)
{
    (void)state;
    if (!mkdtemp(place))
        return -1;
    snprintf(file, sizeof(file), "%s/roots", place);
    return setenv("SSL_CERT_FILE", file, 1);
}

static int remove_place(void **state)
{
    (void)state;
    (void)unlink(file);
    return rmdir(place);
}

static char byte_at(size_t i)
{
    return (char)('a' + i % 23);
}

static void write_file(size_t length)
{
    FILE *stream = fopen(file, "w");

    assert_non_null(stream);
    for (size_t i = 0; i < length; i++)
        putc(byte_at(i), stream);
    assert_int_equal(fclose(stream), 0);
}

static void a_file_of_any_length_is_read_whole(void **state)
{
    static const size_t lengths[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, MOST};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct hf_error error;
        size_t length = 99;
        char *pem = NULL;

        write_file(lengths[i]);
        errno = EINTR; /* of an earlier call */
        assert_true(hf_roots_read(&pem, &length, &error));
        assert_int_equal(length, lengths[i]);
        for (size_t j = 0; j < length; j++)
            if (pem[j] != byte_at(j))
                fail_msg("byte %zu of %zu", j, length);
        free(pem);
    }
}

static void expect_refused(int errnum)
{
    struct hf_error error;
    size_t length;
    char *pem = (char *)1;

    errno = 0;
    assert_false(hf_roots_read(&pem, &length, &error));
    assert_null(pem);
    assert_int_equal(error.id, HF_ROOTS_MISSING);
    assert_int_equal(error.errnum, errnum);
    assert_string_equal(error.object, file);
}

static void what_is_too_long_no_file_or_not_there_is_refused(void **state)
{
    (void)state;
    write_file(MOST + PIECE + 1);
    expect_refused(EFBIG);
    write_file(MOST + 1);
    expect_refused(EFBIG);
    assert_int_equal(unlink(file), 0);
    expect_refused(ENOENT);
    assert_int_equal(mkdir(file, 0700), 0);
    expect_refused(EISDIR);
    assert_int_equal(rmdir(file), 0);
}

/* A pipe that nobody writes to is at its end, and holds nothing up. */
static void a_pipe_does_not_hold_it_up(void **state)
{
    struct hf_error error;
    size_t length;
    char *pem;

    (void)state;
    assert_int_equal(mkfifo(file, 0600), 0);
    assert_true(hf_roots_read(&pem, &length, &error));
    assert_int_equal(length, 0);
    free(pem);
    assert_int_equal(unlink(file), 0);
}

/* An empty name is none. */
static void without_a_name_it_is_the_systems(void **state)
{
    static const char *const names[] = {NULL, ""};
    struct stat status;

    (void)state;
    if (stat(SYSTEM, &status) < 0)
        skip();
    for (size_t i = 0; i < 2; i++) {
        struct hf_error error;
        size_t length;
        char *pem;

        assert_int_equal(names[i] ? setenv("SSL_CERT_FILE", names[i], 1) : unsetenv("SSL_CERT_FILE"), 0);
        assert_true(hf_roots_read(&pem, &length, &error));
        assert_int_equal(length, status.st_size);
        free(pem);
    }
}

static int finds_none(int argument)
{
    struct hf_error error;
    size_t length;
    char *pem;

    (void)argument;
    if (chroot(place) < 0)
        return CANNOT;
    SO(chdir("/") == 0 && unsetenv("SSL_CERT_FILE") == 0 && !hf_roots_read(&pem, &length, &error));
    SO(error.id == HF_ROOTS_MISSING && error.errnum == ENOENT && strcmp(error.object, SYSTEM) == 0);
    return 0;
}

static void a_machine_without_any_is_told_of_the_first_name(void **state)
{
    (void)state;
    in_a_child(finds_none, 0);
}

/* No more than it had: the first piece is no part of what malloc(3) has left. */
static int has_no_memory(int argument)
{
    const struct rlimit nothing_more = {0, RLIM_INFINITY};
    struct hf_error error;
    size_t length;
    char *pem;

    (void)argument;
    if (is_below_valgrind()) /* which has memory of its own */
        return CANNOT;
    write_file(1);
    if (setrlimit(RLIMIT_AS, &nothing_more) < 0)
        return CANNOT;
    SO(!hf_roots_read(&pem, &length, &error) && error.id == HF_ROOTS_MISSING && error.errnum == ENOMEM);
    return 0;
}

static void without_memory_it_is_none(void **state)
{
    (void)state;
    in_a_child(has_no_memory, 0);
}

/* By default AddressSanitizer ends a process that gets no memory. */
__attribute__((weak)) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_memory_it_is_none), /* before others have had some */
        cmocka_unit_test(a_file_of_any_length_is_read_whole),
        cmocka_unit_test(what_is_too_long_no_file_or_not_there_is_refused),
        cmocka_unit_test(a_pipe_does_not_hold_it_up),
        cmocka_unit_test(without_a_name_it_is_the_systems),
        cmocka_unit_test(a_machine_without_any_is_told_of_the_first_name),
    };

    return cmocka_run_group_tests(tests, make_place, remove_place);
}
