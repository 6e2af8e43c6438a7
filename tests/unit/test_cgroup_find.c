/* Where a process's cgroup is, from what /proc tells. */
#include "enforce/cgroup_find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void the_v2_line_is_found(void **state)
{
    static const struct {
        const char *text;
        const char *path; /* NULL: none */
    } table[] = {
        {"0::/\n", "/"},
        {"0::/user.slice/session-3.scope\n", "/user.slice/session-3.scope"},
        {"4:memory:/a\n0::/b:c d\n", "/b:c d"},
        {"0::/no/newline", "/no/newline"},
        {"4:memory:/a\n1:name=systemd:/\n", NULL},
        {"10::/a\n", NULL},
        {"0::/a (deleted)\n", NULL},
        {"0::\n", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        char path[PATH_MAX];

        assert_int_equal(hf_cgroup_own(table[i].text, path), table[i].path != NULL);
        if (table[i].path)
            assert_string_equal(path, table[i].path);
    }
}

static void mounts_of_v2_alone_are_found(void **state)
{
    static const char text[] =
        "24 1 0:22 / /proc rw,nosuid - proc proc rw\n"
        "33 31 0:30 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n"
        "36 24 0:29 / /sys/fs/cgroup rw,nosuid shared:4 master:2 - cgroup2 cgroup2 rw,nsdelegate\n"
        "37 24 0:40 / /mnt/a\\040-\\040cgroup2 rw - tmpfs tmpfs rw\n"
        "38 24 0:29 /user\\134x /mnt/with\\040blank rw - cgroup2 none rw\n"
        "39 24 - cgroup2\n"
        "40 24 0:29 / /last rw - cgroup2 none rw";
    static const char *const found[][2] = {
        {"/", "/sys/fs/cgroup"}, {"/user\\x", "/mnt/with blank"}, {"/", "/last"}};
    struct hf_cgroup_mount mount;
    const char *at = text;
    size_t count = 0;

    (void)state;
    while ((at = hf_cgroup_next_mount(at, &mount))) {
        assert_in_range(count, 0, COUNT(found) - 1);
        assert_string_equal(mount.root, found[count][0]);
        assert_string_equal(mount.point, found[count][1]);
        count++;
    }
    assert_int_equal(count, COUNT(found));
}

static void a_cgroup_is_found_below_its_mount(void **state)
{
    static const struct {
        struct hf_cgroup_mount mount;
        const char *cgroup;
        const char *path; /* NULL: not there */
    } table[] = {
        {{"/", "/sys/fs/cgroup"}, "/", "/sys/fs/cgroup"},
        {{"/", "/sys/fs/cgroup"}, "/a/b", "/sys/fs/cgroup/a/b"},
        {{"/a", "/mnt"}, "/a", "/mnt"},
        {{"/a", "/mnt"}, "/a/b", "/mnt/b"},
        {{"/a", "/mnt"}, "/ab", NULL},
        {{"/a", "/mnt"}, "/", NULL},
        {{"/..", "/mnt"}, "/a", NULL}, /* mounted from outside of the cgroup namespace */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        char path[PATH_MAX];

        assert_int_equal(hf_cgroup_path(&table[i].mount, table[i].cgroup, path), table[i].path != NULL);
        if (table[i].path)
            assert_string_equal(path, table[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_v2_line_is_found),
        cmocka_unit_test(mounts_of_v2_alone_are_found),
        cmocka_unit_test(a_cgroup_is_found_below_its_mount),
    };

    return cmocka_run_group_tests_name("cgroup find", tests, NULL, NULL);
}
