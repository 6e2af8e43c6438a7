/* A run's own directory: what is in it is what was written, and what is swept of killed runs has the files that a run leaves.
 * Where no other run makes its own: in a /run of this test's, which takes root. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer.h"
#include "launch/launch.h"
#include "so.h"
#include "valgrind.h"

#define LEFT "/run/holdfast-abcdef"

static int enter_a_run(void **state)
{
    (void)state;
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
                   mount("none", "/run", "tmpfs", 0, NULL) == 0
               ? 0
               : -1;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void file_holds(const char *path, const char *wanted)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    char text[64] = "";

    assert_true(fd >= 0);
    assert_int_equal(read(fd, text, sizeof(text) - 1), strlen(wanted));
    assert_string_equal(text, wanted);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    close(fd);
}

static void what_is_written_is_in_it_until_it_is_removed(void **state)
{
    static const char *const names[] = {HF_PROXY_FILE, HF_CA_FILE, HF_BUNDLE_FILE};
    char path[PATH_MAX], file[PATH_MAX + 64];
    struct hf_error error;
    struct stat status;
    const mode_t before = umask(0077);
    const int lock = hf_run_directory_make(path, &error);

    (void)state;
    assert_true(lock >= 0);
    assert_memory_equal(path, "/run/holdfast-", strlen("/run/holdfast-"));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode, S_IFDIR | 0755);
    for (size_t i = 0; i < 3; i++) {
        const struct hf_span parts[] = {{"one ", 4}, {"", 0}, {"two", 3}};

        assert_true(hf_run_directory_write(path, names[i], parts, 3, &error));
        snprintf(file, sizeof(file), "%s/%s", path, names[i]);
        file_holds(file, "one two");
        assert_false(hf_run_directory_write(path, names[i], parts, 3, &error));
        assert_int_equal(error.id, HF_PROXY_FAILED);
        assert_int_equal(error.errnum, EEXIST);
        assert_string_equal(error.object, file);
    }
    umask(before);
    hf_run_directory_remove(path);
    assert_false(is_there(path));
    close(lock);
}

static void a_path_that_is_too_long_is_told(void **state)
{
    const struct hf_span none = {"", 0};
    const int input = fcntl(STDIN_FILENO, F_GETFD);
    char path[PATH_MAX];
    struct hf_error error;

    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_false(hf_run_directory_write(path, HF_CA_FILE, &none, 1, &error));
    assert_int_equal(error.errnum, ENAMETOOLONG);
    assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), input); /* nothing was opened, and nothing is closed */
    hf_run_directory_remove(path);
    /* And one into which only the last letter of the name does not go. */
    strcpy(path, "/run");
    while (strlen(path) + strlen("/" HF_CA_FILE) < PATH_MAX)
        strcat(path, "/");
    assert_int_equal(strlen(path) + strlen("/" HF_CA_FILE), PATH_MAX);
    assert_false(hf_run_directory_write(path, HF_CA_FILE, &none, 1, &error));
    assert_int_equal(error.errnum, ENAMETOOLONG);
    path[strlen(path) - 1] = '\0';
    assert_true(hf_run_directory_write(path, HF_CA_FILE, &none, 1, &error));
    assert_int_equal(unlink("/run/" HF_CA_FILE), 0);
}

/* Of a caller who has no standard input, as a daemon. */
static int make_without_input(int can_be_opened_to_others)
{
    char path[PATH_MAX];
    struct hf_error error;

    SO(close(STDIN_FILENO) == 0);
    if (can_be_opened_to_others) {
        SO(hf_run_directory_make(path, &error) == STDIN_FILENO && is_there(path));
        hf_run_directory_remove(path);
        SO(!is_there(path) && fcntl(STDIN_FILENO, F_GETFD) >= 0);
    } else {
        SO(answer(SYS_chmod, EPERM) && answer(SYS_fchmodat, EPERM));
        SO(hf_run_directory_make(path, &error) == -1 && path[0] == '\0' && error.errnum == EPERM);
        SO(fcntl(STDIN_FILENO, F_GETFD) < 0);
    }
    return 0;
}

static void its_lock_may_have_any_number(void **state)
{
    (void)state;
    if (is_below_valgrind())
        skip();
    in_a_child(make_without_input, true);
    in_a_child(make_without_input, false);
}

/* Of which the last file is not a run's, where `strange`. */
static void leave(time_t seconds_ago, bool strange)
{
    static const char *const names[] = {HF_PROXY_FILE, HF_CA_FILE, HF_BUNDLE_FILE, "strange"};
    const struct timespec then = {.tv_sec = time(NULL) - seconds_ago}, both[] = {then, then};
    char file[128];

    assert_int_equal(mkdir(LEFT, 0755), 0);
    for (size_t i = 0; i < (strange ? 4 : 3); i++) {
        snprintf(file, sizeof(file), LEFT "/%s", names[i]);
        close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    }
    assert_int_equal(utimensat(AT_FDCWD, LEFT, both, 0), 0);
}

static void make_and_remove(void)
{
    char path[PATH_MAX];
    struct hf_error error;
    const int lock = hf_run_directory_make(path, &error);

    assert_true(lock >= 0);
    hf_run_directory_remove(path);
    close(lock);
}

static void what_a_killed_run_left_is_swept(void **state)
{
    int held;

    (void)state;
    leave(30, false); /* it may not be locked yet */
    make_and_remove();
    assert_true(is_there(LEFT "/" HF_CA_FILE));
    assert_int_equal(unlink(LEFT "/" HF_CA_FILE) | unlink(LEFT "/" HF_PROXY_FILE) | unlink(LEFT "/" HF_BUNDLE_FILE), 0);
    assert_int_equal(rmdir(LEFT), 0);

    leave(60, false);
    held = open(LEFT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(held, LOCK_EX), 0);
    make_and_remove();
    assert_true(is_there(LEFT "/" HF_CA_FILE));
    close(held);
    make_and_remove();
    assert_false(is_there(LEFT));

    leave(90, true);
    make_and_remove();
    assert_true(is_there(LEFT "/strange") && !is_there(LEFT "/" HF_BUNDLE_FILE));
    assert_int_equal(unlink(LEFT "/strange"), 0);
    assert_int_equal(rmdir(LEFT), 0);
}

/* What else begins so is somebody's. */
static void other_names_are_left_alone(void **state)
{
    static const char *const names[] = {"/run/holdfast-abcdefg", "/run/holdfast-abcde", "/run/holdfest-abcdef"};
    const struct timespec then = {.tv_sec = time(NULL) - 1000}, both[] = {then, then};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(mkdir(names[i], 0755), 0);
        assert_int_equal(utimensat(AT_FDCWD, names[i], both, 0), 0);
    }
    assert_int_equal(symlink("holdfast-abcdefg", LEFT), 0);
    make_and_remove();
    assert_true(is_there(LEFT));
    assert_int_equal(unlink(LEFT), 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(rmdir(names[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_in_it_until_it_is_removed),
        cmocka_unit_test(a_path_that_is_too_long_is_told),
        cmocka_unit_test(its_lock_may_have_any_number),
        cmocka_unit_test(what_a_killed_run_left_is_swept),
        cmocka_unit_test(other_names_are_left_alone),
    };

    if (geteuid() != 0) {
        puts("[  SKIPPED ] 4 test(s)");
        return 0;
    }
    return cmocka_run_group_tests(tests, enter_a_run, NULL);
}
