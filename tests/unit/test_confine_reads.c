/* What the proxy can read once it is confined: in a root of its own, where every folder of those that know names is there, and
 * /lib is not /usr/lib. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/landlock_abi.h"
#include "launch/confine.h"
#include "so.h"

static const char *const folders[] = {
    "/etc",         "/usr",     "/lib",                 "/lib32",    "/lib64",            "/run/resolvconf", "/run/NetworkManager",
    "/run/connman", "/mnt/wsl", "/run/systemd/resolve", "/run/nscd", "/run/avahi-daemon", "/var/lib/sss",    "/var/lib/misc"};
static const char *const others[] = {"/",    "/root",        "/run",  "/var",       "/var/lib",
                                     "/mnt", "/run/systemd", "/proc", "/elsewhere", "/dev"};
static const char *const files[] = {"/dev/urandom", "/elsewhere/resolv.conf", "/elsewhere/hosts"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool make_folder(const char *path)
{
    char part[256];

    for (const char *at = path + 1; (at = strchr(at, '/')); at++) {
        snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return false;
    }
    return mkdir(path, 0755) == 0 || errno == EEXIST;
}

static bool make_file(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

    return fd >= 0 && close(fd) == 0;
}

/* A folder's own file. */
static const char *in(const char *folder)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/file", folder);
    return path;
}

/* For which one must be root. */
static bool enter_a_root(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
                         mount("none", "/tmp", "tmpfs", 0, NULL) == 0 && chroot("/tmp") == 0 && chdir("/") == 0;
}

static bool fill(void)
{
    for (size_t i = 0; i < COUNT(folders); i++)
        if (!make_folder(folders[i]) || !make_file(in(folders[i])))
            return false;
    for (size_t i = 0; i < COUNT(others); i++)
        if (!make_folder(others[i]) || !make_file(in(others[i])))
            return false;
    for (size_t i = 0; i < COUNT(files); i++)
        if (!make_file(files[i]))
            return false;
    return symlink("/elsewhere/resolv.conf", "/etc/resolv.conf") == 0 && symlink("/elsewhere/hosts", "/etc/hosts") == 0;
}

static struct hf_plan plan_here(void)
{
    return (struct hf_plan){.mode = HF_MODE_PROXY,
                            .landlock = true,
                            .abi = (int)syscall(HF_NR_LANDLOCK_CREATE_RULESET, NULL, 0, HF_LANDLOCK_CREATE_VERSION)};
}

static bool opens(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC);

    return fd < 0 ? errno != EACCES : close(fd) == 0;
}

static int reads_these_alone(int argument)
{
    const struct sockaddr_in anywhere = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct hf_plan plan = plan_here();
    struct hf_error error;
    int ruleset, tcp = socket(AF_INET, SOCK_STREAM, 0);

    (void)argument;
    if (!enter_a_root())
        return CANNOT;
    SO(fill());
    SO(hf_confine_prepare(&plan, &ruleset, &error) && ruleset >= 0);
    SO(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(HF_NR_LANDLOCK_RESTRICT_SELF, ruleset, 0U) == 0);
    for (size_t i = 0; i < COUNT(folders); i++) {
        SO(opens(in(folders[i]), O_RDONLY) && !opens(in(folders[i]), O_WRONLY));
        SO(opens(folders[i], O_RDONLY | O_DIRECTORY));
    }
    for (size_t i = 0; i < COUNT(others); i++)
        SO(!opens(in(others[i]), O_RDONLY) && !opens(others[i], O_RDONLY | O_DIRECTORY));
    for (size_t i = 0; i < COUNT(files); i++)
        SO(opens(files[i], O_RDONLY) && !opens(files[i], O_WRONLY));
    SO(mkdir("/etc/new", 0755) < 0 && errno == EACCES);
    SO(plan.abi < 4 || (bind(tcp, (const struct sockaddr *)&anywhere, sizeof(anywhere)) < 0 && errno == EACCES));
    SO(connect(tcp, (const struct sockaddr *)&anywhere, sizeof(anywhere)) < 0 && errno != EACCES);
    return 0;
}

/* What is not there is not needed; /run may be a file, too. */
static int does_with_less(int argument)
{
    const struct hf_plan plan = plan_here();
    struct hf_error error;
    int ruleset;

    (void)argument;
    if (!enter_a_root())
        return CANNOT;
    SO(make_file("/run") && make_folder("/etc"));
    SO(hf_confine_prepare(&plan, &ruleset, &error) && ruleset >= 0);
    return 0;
}

static int fails_where_it_cannot_tell(int argument)
{
    const struct hf_plan plan = plan_here();
    struct hf_error error;
    int ruleset;

    (void)argument;
    if (!enter_a_root())
        return CANNOT;
    SO(make_folder("/mnt") && symlink("/mnt/wsl", "/mnt/wsl") == 0);
    SO(!hf_confine_prepare(&plan, &ruleset, &error));
    SO(error.id == HF_LANDLOCK_FAILED && error.stage == HF_STAGE_PREPARE && error.errnum == ELOOP);
    SO(strstr(error.object, "/mnt/wsl"));
    return 0;
}

static void it_reads_what_names_take_and_nothing_else(void **state)
{
    (void)state;
    if (plan_here().abi < 1)
        skip();
    in_a_child(reads_these_alone, 0);
}

static void what_is_not_there_is_not_needed(void **state)
{
    (void)state;
    if (plan_here().abi < 1)
        skip();
    in_a_child(does_with_less, 0);
    in_a_child(fails_where_it_cannot_tell, 0);
}

static void in_block_mode_and_without_landlock_there_is_no_ruleset(void **state)
{
    struct hf_plan plan = plan_here();
    struct hf_error error;
    int ruleset = 99;

    (void)state;
    plan.mode = HF_MODE_BLOCK;
    assert_true(hf_confine_prepare(&plan, &ruleset, &error));
    assert_int_equal(ruleset, -1);
    plan.mode = HF_MODE_PROXY;
    plan.landlock = false;
    ruleset = 99;
    assert_true(hf_confine_prepare(&plan, &ruleset, &error));
    assert_int_equal(ruleset, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_reads_what_names_take_and_nothing_else),
        cmocka_unit_test(what_is_not_there_is_not_needed),
        cmocka_unit_test(in_block_mode_and_without_landlock_there_is_no_ruleset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
