/* What a call needs, what the plan denies, and which change of the policy allows it: by table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "why/call.h"
#include "why/change.h"
#include "why/derive.h"
#include "why/judge.h"
#include "why/record.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define READ HF_FS_READ_FILE
#define WRITE HF_FS_WRITE_FILE

static const struct hf_found absent = {.exists = false}, file = {true, S_IFREG}, directory = {true, S_IFDIR},
                             link_itself = {true, S_IFLNK}, device = {true, S_IFCHR}, socket_file = {true, S_IFSOCK};

static void a_call_needs_what_the_kernel_asks_landlock_for(void **state)
{
    static const struct {
        struct hf_call call;
        const struct hf_found *first;
        bool on_parent;
        uint64_t access;
    } table[] = {
        {{.kind = HF_CALL_OPEN, .flags = O_RDONLY}, &file, false, READ},
        {{.kind = HF_CALL_OPEN, .flags = O_WRONLY}, &file, false, WRITE},
        {{.kind = HF_CALL_OPEN, .flags = O_RDWR}, &device, false, READ | WRITE},
        {{.kind = HF_CALL_OPEN, .flags = O_WRONLY | O_TRUNC | O_CREAT}, &file, false, WRITE | HF_FS_TRUNCATE},
        {{.kind = HF_CALL_OPEN, .flags = O_WRONLY | O_TRUNC}, &device, false, WRITE},
        {{.kind = HF_CALL_OPEN, .flags = O_RDONLY}, &directory, false, HF_FS_READ_DIR},
        {{.kind = HF_CALL_OPEN, .flags = O_RDWR | O_TMPFILE}, &directory, false, READ | WRITE},
        {{.kind = HF_CALL_OPEN, .flags = O_WRONLY | O_CREAT}, &absent, true, WRITE | HF_FS_MAKE_REG},
        {{.kind = HF_CALL_OPEN_HOW, .flags = O_RDONLY}, &file, false, READ},
        /* What fails without Landlock, or never comes to it. */
        {{.kind = HF_CALL_OPEN, .flags = O_RDONLY}, &absent, false, 0},
        {{.kind = HF_CALL_OPEN, .flags = O_PATH}, &file, false, 0},
        {{.kind = HF_CALL_OPEN, .flags = O_WRONLY}, &directory, false, 0},
        {{.kind = HF_CALL_OPEN, .flags = O_RDONLY | O_DIRECTORY}, &file, false, 0},
        {{.kind = HF_CALL_OPEN, .flags = O_RDWR | O_CREAT | O_EXCL}, &file, false, 0},
        {{.kind = HF_CALL_OPEN, .flags = O_RDONLY | O_NOFOLLOW}, &link_itself, false, 0},
        {{.kind = HF_CALL_OPEN, .flags = O_RDWR}, &socket_file, false, 0},
        {{.kind = HF_CALL_EXECUTE}, &file, false, HF_FS_EXECUTE | READ},
        {{.kind = HF_CALL_EXECUTE}, &directory, false, 0},
        {{.kind = HF_CALL_REMOVE}, &file, true, HF_FS_REMOVE_FILE},
        {{.kind = HF_CALL_REMOVE, .flags = AT_REMOVEDIR}, &directory, true, HF_FS_REMOVE_DIR},
        {{.kind = HF_CALL_REMOVE}, &directory, false, 0},
        {{.kind = HF_CALL_REMOVE}, &absent, false, 0},
        {{.kind = HF_CALL_MAKE, .type = S_IFDIR}, &absent, true, HF_FS_MAKE_DIR},
        {{.kind = HF_CALL_MAKE, .type = S_IFLNK}, &absent, true, HF_FS_MAKE_SYM},
        {{.kind = HF_CALL_MAKE, .type = S_IFIFO}, &absent, true, HF_FS_MAKE_FIFO},
        {{.kind = HF_CALL_MAKE, .type = S_IFDIR}, &directory, true, 0},
        {{.kind = HF_CALL_TRUNCATE}, &file, false, HF_FS_TRUNCATE},
        {{.kind = HF_CALL_CONNECT}, &socket_file, false, HF_FS_RESOLVE_UNIX},
        {{.kind = HF_CALL_CONNECT}, &file, false, 0},
        {{.kind = HF_CALL_BIND}, &absent, true, HF_FS_MAKE_SOCK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        const struct hf_found found[2] = {*table[i].first, absent};
        struct hf_need needs[HF_NEEDS_MAX];
        const size_t count = hf_call_needs(&table[i].call, found, false, needs);

        assert_int_equal(count, table[i].access ? 1 : 0);
        if (count) {
            assert_int_equal(needs[0].access, table[i].access);
            assert_int_equal(needs[0].on_parent, table[i].on_parent);
        }
    }
}

static void a_move_needs_something_of_both_directories(void **state)
{
    static const struct {
        enum hf_call_kind kind;
        uint64_t flags;
        const struct hf_found *from, *to;
        bool same_parent;
        uint64_t leaves, enters; /* 0: not asked */
    } table[] = {
        {HF_CALL_RENAME, 0, &file, &absent, true, 0, HF_FS_REMOVE_FILE | HF_FS_MAKE_REG},
        {HF_CALL_RENAME, 0, &file, &file, false, HF_FS_REMOVE_FILE | HF_FS_REFER,
         HF_FS_MAKE_REG | HF_FS_REMOVE_FILE | HF_FS_REFER},
        {HF_CALL_RENAME, 0, &directory, &absent, false, HF_FS_REMOVE_DIR | HF_FS_REFER, HF_FS_MAKE_DIR | HF_FS_REFER},
        {HF_CALL_RENAME, RENAME_EXCHANGE, &file, &directory, false, HF_FS_REMOVE_FILE | HF_FS_MAKE_DIR | HF_FS_REFER,
         HF_FS_MAKE_REG | HF_FS_REMOVE_DIR | HF_FS_REFER},
        {HF_CALL_RENAME, RENAME_NOREPLACE, &file, &file, false, 0, 0},
        {HF_CALL_RENAME, 0, &absent, &absent, false, 0, 0},
        {HF_CALL_LINK, 0, &file, &absent, true, 0, HF_FS_MAKE_REG},
        {HF_CALL_LINK, 0, &file, &absent, false, HF_FS_REFER, HF_FS_MAKE_REG | HF_FS_REFER},
        {HF_CALL_LINK, 0, &file, &file, false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        const struct hf_call call = {.kind = table[i].kind, .flags = table[i].flags};
        const struct hf_found found[2] = {*table[i].from, *table[i].to};
        struct hf_need needs[HF_NEEDS_MAX];
        const size_t count = hf_call_needs(&call, found, table[i].same_parent, needs);
        uint64_t asked[2] = {0, 0};

        for (size_t n = 0; n < count; n++) {
            assert_true(needs[n].on_parent);
            asked[needs[n].which] = needs[n].access;
        }
        assert_int_equal(asked[0], table[i].leaves);
        assert_int_equal(asked[1], table[i].enters);
    }
}

static void a_call_is_taken_apart_by_its_number(void **state)
{
    const struct seccomp_data moves = {.nr = SYS_renameat2, .args = {7, 0x1000, (uint64_t)AT_FDCWD, 0x2000, 1}};
    const struct seccomp_data makes = {.nr = SYS_creat, .args = {0x1000, 0644}};
    const struct seccomp_data other = {.nr = SYS_getpid};
    int numbers[64];
    struct hf_call call;

    (void)state;
    assert_true(hf_call_read(&moves, &call));
    assert_int_equal(call.path_count, 2);
    assert_int_equal(call.path[0].dirfd, 7);
    assert_int_equal(call.path[1].dirfd, AT_FDCWD);
    assert_int_equal(call.path[1].address, 0x2000);
    assert_int_equal(call.flags, 1);
    assert_true(hf_call_read(&makes, &call));
    assert_int_equal(call.path[0].dirfd, AT_FDCWD);
    assert_int_equal(call.flags, O_CREAT | O_WRONLY | O_TRUNC);
    assert_false(hf_call_read(&other, &call));
    for (size_t i = 0; i < hf_calls(numbers, COUNT(numbers)); i++) {
        const struct seccomp_data data = {.nr = numbers[i]};

        assert_true(hf_call_read(&data, &call));
    }
}

/* A world of paths: each has a number of its own, but /mnt/bind is /usr mounted a second time. */
static ino_t number_of(const char *path)
{
    static const char *const seen[] = {
        "/",           "/usr", "/usr/bin",      "/usr/bin/cat", "/work",   "/work/ro",     "/work/out",  "/etc",
        "/etc/shadow", "/mnt", "/mnt/bind/cat", "/proc",        "/proc/7", "/proc/7/maps", "/etc/passwd"};

    if (strcmp(path, "/mnt/bind") == 0)
        path = "/usr";
    for (size_t i = 0; i < COUNT(seen); i++)
        if (strcmp(seen[i], path) == 0)
            return (ino_t)i + 1;
    fail_msg("no path %s", path);
    return 0;
}

static size_t steps_to(const char *path, struct hf_step steps[8])
{
    size_t count = 0;

    steps[count++] = (struct hf_step){.dev = 1, .ino = number_of("/")};
    for (const char *at = strchr(path + 1, '/'); path[1]; at = strchr(at + 1, '/')) {
        char *part = at ? strndup(path, (size_t)(at - path)) : strdup(path);

        steps[count++] = (struct hf_step){.dev = 1, .ino = number_of(part)};
        free(part);
        if (!at)
            break;
    }
    return count;
}

#define ALL_FILE_RIGHTS hf_rights_of(HF_RIGHT_FS, HF_ABI_NEWEST)

static const struct hf_rule rules[] = {{"/usr", HF_ACCESS_READ_ONLY, {HF_ORIGIN_POLICY, 3, 15, ""}},
                                       {"/work", ~0ULL, {HF_ORIGIN_POLICY, 4, 16, ""}},
                                       {"/etc/passwd", HF_FS_EXECUTE | READ, {HF_ORIGIN_POLICY, 3, 21, ""}},
                                       {"/proc", HF_ACCESS_READ_ONLY, {HF_ORIGIN_BASELINE, 0, 0, ""}}};

static void a_place_is_judged_by_the_rules_on_the_way_to_it(void **state)
{
    static const struct {
        const char *path;
        int abi;
        uint64_t access, missing;
        const char *nearest;
        bool covers;
        enum hf_remedy remedy;
    } table[] = {
        {"/usr/bin/cat", 7, HF_FS_EXECUTE | READ, 0, NULL, false, 0},
        {"/usr/bin/cat", 7, WRITE, WRITE, "/usr", true, HF_REMEDY_READ_WRITE},
        {"/usr/bin/cat", 7, READ | WRITE, WRITE, "/usr", true, HF_REMEDY_READ_WRITE},
        {"/work/out", 7, WRITE | HF_FS_MAKE_REG, 0, NULL, false, 0},
        {"/etc/shadow", 7, READ, READ, "/etc/passwd", false, HF_REMEDY_READ_ONLY},
        {"/etc", 7, HF_FS_READ_DIR, HF_FS_READ_DIR, "/etc/passwd", false, HF_REMEDY_READ_ONLY},
        {"/", 7, HF_FS_READ_DIR, HF_FS_READ_DIR, NULL, false, HF_REMEDY_READ_ONLY},
        {"/", 7, HF_FS_MAKE_DIR, HF_FS_MAKE_DIR, NULL, false, HF_REMEDY_NONE},
        /* By what it is, not by its name. */
        {"/mnt/bind/cat", 7, READ, 0, NULL, false, 0},
        {"/mnt/bind/cat", 7, WRITE, WRITE, "/usr", true, HF_REMEDY_READ_WRITE},
        /* In a /proc of its own, by name. */
        {"/proc/7/maps", 7, READ, 0, NULL, false, 0},
        {"/proc/7/maps", 7, WRITE, WRITE, "/proc", true, HF_REMEDY_READ_WRITE},
        /* What the kernel's ABI does not handle is not denied. */
        {"/usr/bin/cat", 2, HF_FS_TRUNCATE, 0, NULL, false, 0},
        {"/usr/bin/cat", 3, HF_FS_TRUNCATE, HF_FS_TRUNCATE, "/usr", true, HF_REMEDY_READ_WRITE},
        {"/work/out", 2, HF_FS_REFER, 0, NULL, false, 0},
        {"/work/out", 1, HF_FS_MAKE_REG | HF_FS_REFER, HF_FS_REFER, "/work", true, HF_REMEDY_NONE},
        {"/etc/shadow", 0, READ, 0, NULL, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        const struct hf_plan plan = {.landlock = table[i].abi > 0,
                                     .abi = table[i].abi,
                                     .handled_fs = hf_rights_of(HF_RIGHT_FS, table[i].abi)};
        struct hf_opened opened[COUNT(rules)];
        const struct hf_prepared prepared = {.opened = opened, .opened_count = COUNT(rules)};
        struct hf_step steps[8];
        const struct hf_place place = {.path = table[i].path,
                                       .proc = strncmp(table[i].path, "/proc/", 6) == 0,
                                       .steps = steps,
                                       .step_count = steps_to(table[i].path, steps)};
        struct hf_verdict verdict;

        for (size_t r = 0; r < COUNT(rules); r++)
            opened[r] = (struct hf_opened){.dev = 1,
                                           .ino = number_of(rules[r].path),
                                           .access = rules[r].access & plan.handled_fs,
                                           .proc = strcmp(rules[r].path, "/proc") == 0,
                                           .rule = &rules[r]};
        verdict = hf_judge_place(&plan, &prepared, &place, table[i].access);
        assert_int_equal(verdict.missing, table[i].missing);
        if (!verdict.missing)
            continue;
        if (table[i].nearest)
            assert_string_equal(verdict.nearest->path, table[i].nearest);
        else
            assert_null(verdict.nearest);
        assert_int_equal(verdict.covers, table[i].covers);
        assert_int_equal(verdict.remedy, table[i].remedy);
    }
}

static void an_address_is_judged_by_ports_and_namespace(void **state)
{
    static const struct {
        int family;
        const char *address;
        int type;
        bool binds;
        uint64_t handled;
        enum hf_barrier barrier;
    } table[] = {
        {AF_INET, "127.0.0.1", SOCK_STREAM, false, 0, HF_BARRIER_NONE},
        {AF_INET, "127.8.8.8", SOCK_DGRAM, false, 0, HF_BARRIER_NONE},
        {AF_INET, "192.0.2.1", SOCK_STREAM, false, 0, HF_BARRIER_NAMESPACE},
        {AF_INET6, "::1", SOCK_STREAM, false, 0, HF_BARRIER_NONE},
        {AF_INET6, "::ffff:127.0.0.1", SOCK_STREAM, false, 0, HF_BARRIER_NONE},
        {AF_INET6, "::ffff:192.0.2.1", SOCK_STREAM, false, 0, HF_BARRIER_NAMESPACE},
        {AF_INET6, "2001:db8::1", SOCK_DGRAM, false, 0, HF_BARRIER_NAMESPACE},
        {AF_INET, "0.0.0.0", SOCK_STREAM, true, 0, HF_BARRIER_NONE},
        {AF_INET, "0.0.0.0", SOCK_STREAM, true, HF_NET_BIND_TCP, HF_BARRIER_LANDLOCK},
        {AF_INET, "127.0.0.1", SOCK_STREAM, false, HF_NET_CONNECT_TCP, HF_BARRIER_LANDLOCK},
        {AF_INET, "127.0.0.1", SOCK_DGRAM, false, HF_NET_CONNECT_TCP, HF_BARRIER_NONE},
        {AF_INET, "127.0.0.1", SOCK_DGRAM, false, HF_NET_CONNECT_SEND_UDP, HF_BARRIER_LANDLOCK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        const struct hf_plan plan = {.landlock = true, .handled_net = table[i].handled};
        struct sockaddr_storage room = {.ss_family = (sa_family_t)table[i].family};
        void *address = table[i].family == AF_INET ? (void *)&((struct sockaddr_in *)(void *)&room)->sin_addr
                                                   : (void *)&((struct sockaddr_in6 *)(void *)&room)->sin6_addr;

        assert_int_equal(inet_pton(table[i].family, table[i].address, address), 1);
        assert_int_equal(hf_judge_address(&plan, (struct sockaddr *)&room, table[i].type, table[i].binds),
                         table[i].barrier);
    }
}

static struct hf_denial denial(const char *path, enum hf_remedy remedy)
{
    return (struct hf_denial){.path = (char *)(uintptr_t)path, .verdict = {.missing = 1, .remedy = remedy}};
}

/* The default set, as far as it is on this imaginary machine. */
static const struct hf_rule defaults[] = {{"/usr", HF_ACCESS_READ_ONLY, {HF_ORIGIN_BASELINE, 0, 0, ""}},
                                          {"/tmp", ~0ULL, {HF_ORIGIN_BASELINE, 0, 0, ""}},
                                          {"/home/me", ~0ULL, {HF_ORIGIN_BASELINE, 0, 0, ""}}};

static char *diff_of(const char *text, const struct hf_denials *denials, bool *possible)
{
    const struct hf_opened opened[] = {{.rule = &defaults[0]}, {.rule = &defaults[1]}, {.rule = &defaults[2]}};
    const struct hf_prepared prepared = {.opened = (struct hf_opened *)(uintptr_t)opened,
                                         .opened_count = COUNT(opened)};
    const struct hf_plan plan = {
        .landlock = true, .handled_fs = ALL_FILE_RIGHTS, .workdir = (char *)(uintptr_t) "/home/me"};
    struct hf_diagnostics faults = {0};
    struct hf_policy policy = {0};
    const struct hf_policy_text old = {.text = text, .length = text ? strlen(text) : 0, .policy = &policy};
    struct hf_change change;
    char *diff = NULL;
    size_t size;
    FILE *stream = open_memstream(&diff, &size);

    assert_true(!text || hf_policy_parse(text, strlen(text), &policy, &faults));
    assert_true(hf_change_make(denials, &change));
    *possible = hf_change_diff(&change, &old, &plan, &prepared, "p.yaml", stream);
    assert_int_equal(fclose(stream), 0);
    hf_change_free(&change);
    hf_policy_free(&policy);
    return diff;
}

static void the_policy_is_changed_where_its_lists_stand(void **state)
{
    static const struct {
        const char *text;
        const char *diff; /* without its first two lines; NULL: not possible */
    } table[] = {
        {"version: 1\nfilesystem_policy:\n  read_only: [/usr]\n  read_write: [/tmp]\n",
         "@@ -3,1 +3,1 @@\n-  read_only: [/usr]\n+  read_only: [/srv/a, /usr]\n"
         "@@ -4,1 +4,1 @@\n-  read_write: [/tmp]\n+  read_write: [/srv/b, /tmp]\n"},
        {"version: 1\nfilesystem_policy: {read_only: [ ], read_write: [/tmp]}\n",
         "@@ -2,1 +2,1 @@\n-filesystem_policy: {read_only: [ ], read_write: [/tmp]}\n"
         "+filesystem_policy: {read_only: [/srv/a ], read_write: [/srv/b, /tmp]}\n"},
        {"version: 1\nfilesystem_policy:\n  read_only:\n  - /usr # needed\n  read_write:\n    - /tmp\n",
         "@@ -3,0 +4,1 @@\n+  - /srv/a\n@@ -5,0 +7,1 @@\n+    - /srv/b\n"},
        {"version: 1\nfilesystem_policy:\n  # why\n  read_only: [/usr]\n",
         "@@ -4,1 +4,2 @@\n-  read_only: [/usr]\n+  read_write: [/srv/b]\n+  read_only: [/srv/a, /usr]\n"},
        /* None may be in both lists. */
        {"version: 1\nfilesystem_policy:\n  read_only: [/usr, /srv/b, '/x']\n  read_write: [/tmp]\n",
         "@@ -3,1 +3,1 @@\n-  read_only: [/usr, /srv/b, '/x']\n+  read_only: [/srv/a, /usr, '/x']\n"
         "@@ -4,1 +4,1 @@\n-  read_write: [/tmp]\n+  read_write: [/srv/b, /tmp]\n"},
        {"version: 1\nfilesystem_policy: {read_only: [/usr, \"/srv/b\"], read_write: []}\n",
         "@@ -2,1 +2,1 @@\n-filesystem_policy: {read_only: [/usr, \"/srv/b\"], read_write: []}\n"
         "+filesystem_policy: {read_only: [/srv/a, /usr], read_write: [/srv/b]}\n"},
        {"version: 1\nfilesystem_policy:\n  read_only:\n  - /usr\n  - /srv/b\n  read_write:\n  - /tmp\n",
         "@@ -3,0 +4,1 @@\n+  - /srv/a\n@@ -5,1 +5,0 @@\n-  - /srv/b\n@@ -6,0 +7,1 @@\n+  - /srv/b\n"},
        /* The default set was the policy's, and stays so. */
        {"version: 1\n",
         "@@ -1,0 +2,4 @@\n+filesystem_policy:\n+  include_workdir: true\n+  read_only: [/usr, /srv/a]\n"
         "+  read_write: [/tmp, /srv/b]\n"},
        {"version: 1\nfilesystem_policy:\n  include_workdir: false\n",
         "@@ -2,0 +3,2 @@\n+  read_only: [/usr, /srv/a]\n+  read_write: [/tmp, /srv/b]\n"},
        {NULL,
         "@@ -0,0 +1,5 @@\n+version: 1\n+filesystem_policy:\n+  include_workdir: true\n+  read_only: [/usr, /srv/a]\n"
         "+  read_write: [/tmp, /srv/b]\n"},
        {"version: 1\nfilesystem_policy: {include_workdir: true}\n", NULL},
    };
    struct hf_denial items[] = {denial("/srv/a", HF_REMEDY_READ_ONLY), denial("/srv/b", HF_REMEDY_READ_WRITE),
                                denial("/srv/b/below", HF_REMEDY_READ_ONLY), denial("/srv/a", HF_REMEDY_READ_ONLY)};
    const struct hf_denials denials = {.items = items, .count = COUNT(items)};

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        bool possible;
        char *diff = diff_of(table[i].text, &denials, &possible);

        assert_int_equal(possible, table[i].diff != NULL);
        if (possible)
            assert_string_equal(strstr(diff, "@@"), table[i].diff);
        free(diff);
    }
}

static void a_path_is_quoted_where_yaml_wants_it(void **state)
{
    static const struct {
        const char *path, *line;
    } table[] = {
        {"/srv/a b", "[\"/srv/a b\", /usr]"},
        {"/srv/#x: [y]", "[\"/srv/#x: [y]\", /usr]"},
        {"/srv/\"q\\", "[\"/srv/\\\"q\\\\\", /usr]"},
        {"/srv/m\xc3\xbcll", "[\"/srv/m\xc3\xbcll\", /usr]"},
        {"/proc/17/maps", "[/proc, /usr]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_denial items[] = {denial(table[i].path, HF_REMEDY_READ_ONLY)};
        const struct hf_denials denials = {.items = items, .count = 1};
        bool possible;
        char *diff = diff_of("version: 1\nfilesystem_policy:\n  read_only: [/usr]\n", &denials, &possible);

        assert_true(possible);
        assert_non_null(strstr(diff, table[i].line));
        free(diff);
    }
}

#define MAKE HF_FS_MAKE_REG

static void lists_are_derived_from_what_was_reached_for(void **state)
{
    static const struct {
        struct hf_trace traces[6];
        size_t most;
        const char *lists; /* a path a word, "+" before those of read_write */
    } table[] = {
        {{{"/usr/bin/cat", READ}, {"/usr/lib/x/y", READ}, {"/etc/hosts", READ}, {"/proc/7/maps", READ}}, 256,
         "/etc /proc /usr"},
        {{{"/srv/app/a", READ}, {"/srv/app/b", READ}}, 256, "/srv/app/a /srv/app/b"},
        {{{"/srv/app/a", READ}, {"/srv/app/b", READ}, {"/srv/app/c", READ}}, 256, "/srv/app"},
        {{{"/home/me/a", READ}, {"/home/me/b", READ}, {"/home/me/c", READ}}, 256, "/home/me/a /home/me/b /home/me/c"},
        {{{"/srv/app", HF_FS_READ_DIR}, {"/srv/app/a", READ}, {"/srv/app-2", READ}}, 256, "/srv/app /srv/app-2"},
        {{{"/srv/app/a", READ}, {"/srv/app/a", WRITE}}, 256, "+/srv/app/a"},
        {{{"/work", MAKE}, {"/work/made", WRITE}, {"/work/made", READ}, {"/work/in", READ}}, 256, "+/work"},
        {{{"/work", HF_FS_READ_DIR}, {"/work/out", MAKE}, {"/work/out/x", WRITE}}, 256, "/work +/work/out"},
        {{{"/tmp", MAKE}, {"/tmp/x", WRITE}, {"/dev/null", WRITE}}, 256, "+/dev/null +/tmp"},
        {{{"/proc/7/oom_score_adj", WRITE}, {"/proc/7/maps", READ}}, 256, "+/proc"},
        {{{"/a/b/1/x", READ}, {"/a/b/1/y", READ}, {"/a/b/1/z", READ}, {"/a/b/2", READ}, {"/a/b/3", READ}}, 256, "/a/b"},
        {{{"/a/1", READ}, {"/b/1", READ}, {"/c/1", WRITE}}, 2, "/a /b +/c"},
        {{{"/", HF_FS_READ_DIR}, {"/srv/x", READ}}, 256, "/"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_entries entries;
        char lists[256] = "";
        size_t count = 0;

        while (count < COUNT(table[i].traces) && table[i].traces[count].path)
            count++;
        assert_true(hf_derive(table[i].traces, count, table[i].most, &entries));
        for (size_t e = 0; e < entries.count; e++) {
            strcat(lists, e ? " " : "");
            strcat(lists, entries.items[e].write ? "+" : "");
            strcat(lists, entries.items[e].path);
        }
        assert_string_equal(lists, table[i].lists);
        hf_entries_free(&entries);
    }
}

static void the_kernels_records_are_read(void **state)
{
    static const struct {
        int type;
        const char *text;
        bool good;
        uint64_t domain, rights;
        const char *other, *path;
        pid_t pid;
        const char *process;
    } table[] = {
        {1423,
         "audit(1795598508.436:209): domain=10b06ef2d blockers=fs.read_file path=\"/etc/ld.so.cache\" dev=\"vda\" "
         "ino=4",
         true, 0x10b06ef2d, READ, "", "/etc/ld.so.cache", 0, ""},
        {1423, "audit(1.000:209): domain=1 blockers=fs.make_reg,fs.refer path=2F7372762F6120620A dev=\"vda\" ino=4",
         true, 1, HF_FS_MAKE_REG | HF_FS_REFER, "", "/srv/a b\n", 0, ""},
        {1423,
         "audit(1.000:209): domain=1 blockers=fs.ioctl_dev path=\"/dev/zero\" dev=\"devtmpfs\" ino=4 ioctlcmd=0x1234",
         true, 1, HF_FS_IOCTL_DEV, "", "/dev/zero", 0, ""},
        {1423, "audit(1.000:209): domain=1 blockers=scope.signal opid=1 ocomm=\"systemd\"", true, 1, 0, "scope.signal",
         "", 0, ""},
        {1423, "audit(1.000:209): domain=1", false, 1, 0, "", "", 0, ""},
        {1424,
         "audit(1.000:209): domain=10b06ef2d status=allocated mode=enforcing pid=22839 uid=0 exe=\"/bin/a\" comm=\"a\"",
         true, 0x10b06ef2d, 0, "", "", 22839, ""},
        {1300,
         "audit(1.000:209): arch=c000003e syscall=257 success=no exit=-13 ppid=1 pid=7 comm=\"a long name of 15+\" "
         "exe=\"/x\"",
         true, 0, 0, "", "", 7, "a long name of "},
        {1320, "audit(1.000:209): ", true, 0, 0, "", "", 0, ""},
        {1327, "audit(1.000:209): proctitle=2F", false, 0, 0, "", "", 0, ""},
        {1423, "", false, 0, 0, "", "", 0, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        struct hf_record record;

        assert_int_equal(hf_record_read(table[i].type, table[i].text, &record), table[i].good);
        if (!table[i].good)
            continue;
        assert_int_equal(record.event, 209);
        assert_int_equal(record.domain, table[i].domain);
        assert_int_equal(record.rights, table[i].rights);
        assert_string_equal(record.other, table[i].other);
        assert_string_equal(record.path, table[i].path);
        assert_int_equal(record.pid, table[i].pid);
        assert_string_equal(record.process, table[i].process);
    }
}

static void a_mode_allows_by_its_first_class_that_fits(void **state)
{
    static const struct hf_credentials who = {.uid = 7, .gid = 70, .groups = {71, 72}, .group_count = 2};
    static const struct {
        struct hf_owner owner;
        uint64_t access;
        bool allows;
    } table[] = {
        {{0600, 7, 0}, READ | WRITE, true},
        {{0077, 7, 0}, READ, false}, /* the owner's class comes first */
        {{0040, 0, 70}, READ, true},
        {{0040, 0, 72}, READ, true},
        {{0704, 0, 72}, READ, false},
        {{0004, 0, 0}, READ, true},
        {{0004, 0, 0}, WRITE, false},
        {{0001, 0, 0}, HF_FS_EXECUTE | READ, true}, /* execve(2) asks for x alone */
        {{0005, 0, 0}, HF_FS_MAKE_REG, false},
        {{0003, 0, 0}, HF_FS_MAKE_REG | WRITE, true},
        {{0004, 0, 0}, HF_FS_READ_DIR, true},
        {{0002, 0, 0}, HF_FS_TRUNCATE, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(hf_mode_allows(&table[i].owner, &who, hf_mode_wanted(table[i].access)), table[i].allows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_needs_what_the_kernel_asks_landlock_for),
        cmocka_unit_test(a_move_needs_something_of_both_directories),
        cmocka_unit_test(a_call_is_taken_apart_by_its_number),
        cmocka_unit_test(a_place_is_judged_by_the_rules_on_the_way_to_it),
        cmocka_unit_test(an_address_is_judged_by_ports_and_namespace),
        cmocka_unit_test(the_policy_is_changed_where_its_lists_stand),
        cmocka_unit_test(a_path_is_quoted_where_yaml_wants_it),
        cmocka_unit_test(lists_are_derived_from_what_was_reached_for),
        cmocka_unit_test(the_kernels_records_are_read),
        cmocka_unit_test(a_mode_allows_by_its_first_class_that_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
