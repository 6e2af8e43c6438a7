/* The porter's life: it says when it is confined, holds what it needs to look at processes and nothing else, and ends with its
 * door. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launch/channel.h"
#include "launch/porter.h"
#include "valgrind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DESCRIPTORS 64 /* are looked at */

/* By their numbers: the door and what is inside stand behind the streams. */
static const char *const held[] = {"/dev/null", "/dev/null", "", "socket:", "socket:", "/proc"};

struct setting {
    struct hf_inside inside;
    struct hf_who *who;
    int door;
    pid_t porter;
};

static struct setting start(const struct hf_identity *identity)
{
    static const struct hf_plan plan = {.mode = HF_MODE_PROXY};
    static const struct hf_policy policy;
    const struct hf_launch launch = {.plan = &plan, .identity = identity};
    struct setting setting = {.porter = -1};
    struct hf_error error;

    assert_true(hf_inside_open(&setting.inside, &error));
    setting.who = hf_who_new(&setting.inside, &policy);
    assert_non_null(setting.who);
    setting.porter = hf_porter_start(&launch, &setting.inside, setting.who, &setting.door, &error);
    assert_true(setting.porter > 0);
    return setting;
}

static int end(struct setting *setting)
{
    int status;

    close(setting->door);
    assert_int_equal(waitpid(setting->porter, &status, 0), setting->porter);
    hf_who_free(setting->who);
    hf_inside_close(&setting->inside);
    return status;
}

static void it_ends_with_its_door(void **state)
{
    const struct hf_identity identity = {.uid = getuid(), .gid = getgid()};
    struct hf_error error = {.id = HF_OK};
    struct hf_message word = {.error = &error};
    struct setting setting;
    int fd;

    (void)state;
    if (is_below_valgrind())
        skip();
    setting = start(&identity);
    assert_int_equal(hf_channel_receive(setting.door, &word, &fd), 1);
    assert_int_equal(word.kind, HF_MESSAGE_PROXY_UP);
    assert_int_equal(fd, -1);
    assert_int_equal(waitpid(setting.porter, NULL, WNOHANG), 0);
    assert_int_equal(end(&setting), 0); /* by exit, and with 0 */
}

/* Root alone may look: the porter is not dumpable. */
static void it_holds_what_it_needs(void **state)
{
    const struct hf_identity identity = {.uid = getuid(), .gid = getgid()};
    struct hf_error error = {.id = HF_OK};
    struct hf_message word = {.error = &error};
    struct setting setting;
    char link[64], target[256];
    int fd, spare;

    (void)state;
    if (getuid() != 0 || is_below_valgrind())
        skip();
    spare = dup(STDERR_FILENO);
    setting = start(&identity);
    assert_int_equal(hf_channel_receive(setting.door, &word, &fd), 1);
    for (int i = 0; i < DESCRIPTORS; i++) {
        snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)setting.porter, i);
        memset(target, 0, sizeof(target));
        if (readlink(link, target, sizeof(target) - 1) < 0)
            assert_int_equal(errno, ENOENT);
        if (i != STDERR_FILENO) /* which is the caller's */
            assert_true(i < (int)COUNT(held) ? strncmp(target, held[i], strlen(held[i])) == 0 && target[0] : !target[0]);
    }
    assert_int_equal(end(&setting), 0);
    close(spare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_ends_with_its_door), cmocka_unit_test(it_holds_what_it_needs)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
