/* Makes Landlock calls of every kind and prints `NAME RESULT` for each: ok, a number, or the errno's name. What an ABI
 * shows to a program is the whole of this output; abi-ceiling.bats holds the table of what it must be. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../vm/landlock_attr.h"

#define EXECUTE HF_FS_EXECUTE

static void print(const char *name, long result)
{
    printf("%s %s\n", name, result < 0 ? strerrorname_np(errno) : "ok");
}

static void print_number(const char *name, long result)
{
    if (result < 0)
        print(name, result);
    else
        printf("%s %ld\n", name, result);
}

static long create(const void *attr, size_t size, unsigned flags)
{
    return syscall(HF_NR_LANDLOCK_CREATE_RULESET, attr, size, flags);
}

static long add(long ruleset, unsigned type, const void *attr, unsigned flags)
{
    return syscall(HF_NR_LANDLOCK_ADD_RULE, ruleset, type, attr, flags);
}

static long restrict_self(long ruleset, unsigned flags)
{
    return syscall(HF_NR_LANDLOCK_RESTRICT_SELF, ruleset, flags);
}

static void queries(void)
{
    const struct landlock_full_attr attr = {.handled_access_fs = EXECUTE};

    print_number("version", create(NULL, 0, HF_LANDLOCK_CREATE_VERSION));
    print_number("errata", create(NULL, 0, HF_LANDLOCK_CREATE_ERRATA));
    print("version-with-attribute", create(&attr, 0, HF_LANDLOCK_CREATE_VERSION));
    print("version-with-size", create(NULL, 8, HF_LANDLOCK_CREATE_VERSION));
    print("version-and-errata", create(NULL, 0, HF_LANDLOCK_CREATE_VERSION | HF_LANDLOCK_CREATE_ERRATA));
    print("unknown-query", create(NULL, 0, 1U << 2));
}

static void sizes(void)
{
    static unsigned char bytes[8192];
    const struct landlock_full_attr attr = {.handled_access_fs = EXECUTE};

    memcpy(bytes, &attr, sizeof(attr));
    print("no-attribute", create(NULL, 8, 0));
    print("no-attribute-no-size", create(NULL, 0, 0));
    print("bad-address", create((const void *)16, 8, 0));
    print("bad-address-short", create((const void *)16, 7, 0));
    print("size-7", create(bytes, 7, 0));
    print("size-8", create(bytes, 8, 0));
    print("size-12", create(bytes, 12, 0));
    print("size-4096", create(bytes, 4096, 0));
    print("size-4097", create(bytes, 4097, 0));
    bytes[48] = 1;
    print("tail-at-48", create(bytes, 49, 0));
    print("tail-beyond-size", create(bytes, 48, 0));
}

/* An attribute that ends with its page, after which nothing is mapped. */
static void page_ends(void)
{
    unsigned char *const page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char *const attr = page + 4096 - 64;

    munmap(page + 4096, 4096);
    attr[0] = EXECUTE;
    print("to-the-page-end", create(attr, 64, 0));
    print("over-the-page-end", create(attr, 65, 0));
    attr[63] = 1;
    print("over-the-page-end-with-tail", create(attr, 72, 0));
    print("half-a-field-there", create(page + 4096 - 4, 8, 0));
    munmap(page, 4096);
}

static void one_attr(const char *name, struct landlock_full_attr attr, size_t size)
{
    const long ruleset = create(&attr, size, 0);

    print(name, ruleset);
    if (ruleset >= 0)
        close((int)ruleset);
}

static void rights(void)
{
    one_attr("nothing-handled", (struct landlock_full_attr){0}, 8);
    one_attr("first-13", (struct landlock_full_attr){.handled_access_fs = 0x1fff}, 8);
    one_attr("refer", (struct landlock_full_attr){.handled_access_fs = HF_FS_REFER}, 8);
    one_attr("truncate", (struct landlock_full_attr){.handled_access_fs = HF_FS_TRUNCATE}, 8);
    one_attr("ioctl-dev", (struct landlock_full_attr){.handled_access_fs = HF_FS_IOCTL_DEV}, 8);
    one_attr("resolve-unix", (struct landlock_full_attr){.handled_access_fs = HF_FS_RESOLVE_UNIX}, 8);
    one_attr("unknown-right", (struct landlock_full_attr){.handled_access_fs = 1ULL << 17}, 8);
    one_attr("unknown-high-right", (struct landlock_full_attr){.handled_access_fs = EXECUTE | 1ULL << 63}, 8);
    one_attr("tcp", (struct landlock_full_attr){.handled_access_net = HF_NET_BIND_TCP | HF_NET_CONNECT_TCP}, 16);
    one_attr("udp", (struct landlock_full_attr){.handled_access_net = HF_NET_BIND_UDP | HF_NET_CONNECT_SEND_UDP}, 16);
    one_attr("unknown-net", (struct landlock_full_attr){.handled_access_net = 1ULL << 4}, 16);
    one_attr("scopes", (struct landlock_full_attr){.scoped = HF_SCOPE_ABSTRACT_UNIX_SOCKET | HF_SCOPE_SIGNAL}, 24);
    one_attr("unknown-scope", (struct landlock_full_attr){.scoped = 1ULL << 2}, 24);
    one_attr("unknown-right-and-tail", (struct landlock_full_attr){.handled_access_fs = 1ULL << 17, .scoped = 1}, 24);
    one_attr("quiet", (struct landlock_full_attr){.handled_access_fs = EXECUTE, .quiet_access_fs = EXECUTE}, 48);
    one_attr("quiet-not-handled", (struct landlock_full_attr){.handled_access_fs = 2, .quiet_access_fs = EXECUTE}, 48);
}

static void rules(void)
{
    const struct landlock_full_attr attr = {.handled_access_fs = EXECUTE};
    const int root = open("/", O_PATH | O_CLOEXEC), directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct hf_landlock_path_beneath_attr path = {EXECUTE, root}, other = {HF_FS_WRITE_FILE, root};
    const struct hf_landlock_net_port_attr port = {HF_NET_BIND_TCP, 80}, no_port = {0, 80};
    const long ruleset = create(&attr, 8, 0);
    char link[64] = "", name[64];

    snprintf(name, sizeof(name), "/proc/self/fd/%ld", ruleset);
    (void)!readlink(name, link, sizeof(link) - 1);
    printf("ruleset %s%s\n", strcmp(link, "anon_inode:[landlock-ruleset]") == 0 ? "ruleset" : link,
           fcntl((int)ruleset, F_GETFD) == FD_CLOEXEC ? ",cloexec" : "");
    print("rule", add(ruleset, HF_LANDLOCK_RULE_PATH_BENEATH, &path, 0));
    print("rule-not-handled", add(ruleset, HF_LANDLOCK_RULE_PATH_BENEATH, &other, 0));
    print("rule-quiet", add(ruleset, HF_LANDLOCK_RULE_PATH_BENEATH, &path, LL_ADD_RULE_QUIET));
    print("rule-unknown-flag", add(ruleset, HF_LANDLOCK_RULE_PATH_BENEATH, &path, 1U << 1));
    print("rule-unknown-flag-bad-fd", add(-1, HF_LANDLOCK_RULE_PATH_BENEATH, &path, 1U << 1));
    print("rule-bad-fd", add(-1, HF_LANDLOCK_RULE_PATH_BENEATH, &path, 0));
    print("rule-unknown-type", add(ruleset, 3, &path, 0));
    print("port", add(ruleset, HF_LANDLOCK_RULE_NET_PORT, &port, 0));
    print("port-bad-fd", add(-1, HF_LANDLOCK_RULE_NET_PORT, &port, 0));
    print("port-other-fd", add(directory, HF_LANDLOCK_RULE_NET_PORT, &port, 0));
    print("port-no-access", add(ruleset, HF_LANDLOCK_RULE_NET_PORT, &no_port, 0));
    print("port-no-attribute", add(ruleset, HF_LANDLOCK_RULE_NET_PORT, NULL, 0));
    close((int)ruleset);
    close(directory);
    close(root);
}

/* Each in a process of its own, for what is enforced stays. */
static void restrict_in_child(const char *name, const struct landlock_full_attr *attr, unsigned flags)
{
    fflush(stdout);
    if (fork() == 0) {
        const long ruleset = attr ? create(attr, 8, 0) : -1;

        print(name, restrict_self(ruleset, flags));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

static void enforcement(void)
{
    const struct landlock_full_attr attr = {.handled_access_fs = HF_FS_READ_DIR};

    restrict_in_child("restrict", &attr, 0);
    restrict_in_child("restrict-bad-fd", NULL, 0);
    restrict_in_child("restrict-log", &attr, LL_RESTRICT_LOG_SAME_EXEC_OFF | LL_RESTRICT_LOG_NEW_EXEC_ON);
    restrict_in_child("restrict-log-only", NULL, LL_RESTRICT_LOG_SUBDOMAINS_OFF);
    restrict_in_child("restrict-tsync", &attr, LL_RESTRICT_TSYNC);
    restrict_in_child("restrict-no-new-privs", &attr, LL_RESTRICT_NO_NEW_PRIVS);
    restrict_in_child("restrict-unknown-flag", &attr, 1U << 5);
    restrict_in_child("restrict-unknown-flag-bad-fd", NULL, 1U << 31);
    fflush(stdout);
    if (fork() == 0) {
        restrict_self(create(&attr, 8, 0), 0);
        print("list-when-restricted", open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
}

/* `landlock-calls undumpable` makes one call as a process whose memory nobody but root may read. */
int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "undumpable") == 0) {
        prctl(PR_SET_DUMPABLE, 0);
        one_attr("undumpable", (struct landlock_full_attr){.handled_access_fs = EXECUTE}, 8);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "enforcement") == 0) {
        enforcement();
        return 0;
    }
    queries();
    sizes();
    page_ends();
    rights();
    rules();
    return 0;
}
