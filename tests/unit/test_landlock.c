/* Whether Landlock took hold is asked of the kernel, by an open that must fail: below something that answers for the kernel, as
 * an emulator does, and says yes to landlock_restrict_self(2) without doing it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer.h"
#include "enforce/landlock.h"
#include "kernel/landlock_abi.h"
#include "valgrind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NONE (-1)

static const struct {
    const char *name;
    long calls[2];
    int errnum;
    bool grants_root, has_effect;
} cases[] = {
    {"/ can be listed, and is granted", {NONE, NONE}, 0, true, true},
    {"/ can be listed, and is not granted", {NONE, NONE}, 0, false, false},
    {"/ is denied", {SYS_openat, NONE}, EACCES, false, true},
    {"/ cannot be opened for something else", {SYS_openat, NONE}, EMFILE, false, false},
    {"it cannot be told what was opened", {SYS_newfstatat, SYS_fstat}, EIO, true, false}, /* glibc has either, by its version */
};

/* 1 or 0 for what it says, 2 for another error than that Landlock has no effect. */
static int enforce(const long calls[2], int errnum, bool grants_root)
{
    const struct hf_plan plan = {.landlock = true, .abi = 1};
    struct hf_opened opened = {.rule = NULL};
    const struct hf_prepared prepared = {.ruleset = -1, .opened = &opened, .opened_count = 1};
    struct hf_error error;
    struct stat root;

    if (stat(grants_root ? "/" : "/proc", &root) < 0)
        return 2;
    opened.dev = root.st_dev;
    opened.ino = root.st_ino;
    if (!answer(HF_NR_LANDLOCK_RESTRICT_SELF, 0) || !answer(calls[0], errnum) || !answer(calls[1], errnum))
        return 2;
    if (hf_landlock_enforce(&plan, &prepared, -1, &error))
        return 1;
    return error.id == HF_LANDLOCK_INEFFECTIVE && error.stage == HF_STAGE_LANDLOCK ? 0 : 2;
}

static void what_says_yes_and_does_nothing_is_found_out(void **state)
{
    int wrong = 0;

    (void)state;
    if (is_below_valgrind())
        skip();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const pid_t child = fork();
        int status;

        if (child == 0)
            _exit(enforce(cases[i].calls, cases[i].errnum, cases[i].grants_root));
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == cases[i].has_effect)
            continue;
        print_error("%s: 0x%x\n", cases[i].name, (unsigned)status);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_says_yes_and_does_nothing_is_found_out)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
