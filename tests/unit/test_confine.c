/* The sandbox of the proxy's and the porter's own processes: each attempt is made in a child that is confined as they are, and
 * comes to what the table says, where it goes well without that. What the kernel has of Landlock is used, as in a run. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/facts.h"
#include "launch/confine.h"
#include "valgrind.h"

static char secret[] = "/tmp/hf-confine-XXXXXX";

/* Each returns 0 where it went well. */
static int or_errno(bool well)
{
    return well ? 0 : errno ? errno : EIO;
}

static int read_secret(void)
{
    return or_errno(open(secret, O_RDONLY) >= 0);
}

static int list_home(void)
{
    return or_errno(open("/tmp", O_RDONLY | O_DIRECTORY) >= 0);
}

static int read_hosts(void)
{
    char byte;
    const int fd = open("/etc/hosts", O_RDONLY);

    return or_errno(fd >= 0 && read(fd, &byte, 1) == 1);
}

static int write_dev_null(void)
{
    return or_errno(open("/dev/null", O_WRONLY) >= 0);
}

static int create(void)
{
    return or_errno(open("/tmp/hf-confine-new", O_RDONLY | O_CREAT, 0600) >= 0);
}

static int rename_secret(void)
{
    return or_errno(rename(secret, secret) == 0);
}

static int execute(void)
{
    execl("/bin/true", "true", NULL);
    return errno;
}

static int execute_by_descriptor(void)
{
    char *const arguments[] = {"true", NULL};

    fexecve(open("/usr/bin/true", O_RDONLY), arguments, arguments + 1);
    return errno;
}

static int make_process(void)
{
    const pid_t child = fork();

    if (child == 0)
        _exit(0);
    return or_errno(child > 0);
}

static void *run(void *argument)
{
    return argument;
}

static int make_thread(void)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, run, NULL) == 0 ? pthread_join(thread, NULL) : EAGAIN;
}

static int make_namespace(void)
{
    return or_errno(unshare(CLONE_NEWUSER) == 0);
}

static int trace_parent(void)
{
    return or_errno(ptrace(PTRACE_SEIZE, getppid(), 0, 0) == 0);
}

static int read_parent(void)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {secret, 1};

    return or_errno(process_vm_readv(getppid(), &here, 1, &there, 1, 0) == 1);
}

static int end_parent(void)
{
    return or_errno(kill(getppid(), 0) == 0);
}

static int map_code(void)
{
    return or_errno(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static int turn_data_into_code(void)
{
    void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return or_errno(data != MAP_FAILED && mprotect(data, 4096, PROT_READ | PROT_EXEC) == 0);
}

static int map_library(void)
{
    const int fd = open("/usr/bin/true", O_RDONLY);

    return or_errno(fd >= 0 && mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED);
}

static int resolve(void)
{
    struct addrinfo *list = NULL;

    return getaddrinfo("localhost", NULL, NULL, &list) == 0 && list ? 0 : EIO;
}

static int connect_somewhere(void)
{
    const struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    return fd < 0 || (connect(fd, (const struct sockaddr *)&nobody, sizeof(nobody)) < 0 && errno != ECONNREFUSED) ? errno : 0;
}

static int listen_somewhere(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    return or_errno(fd >= 0 && listen(fd, 1) == 0);
}

static int open_packets(void)
{
    return or_errno(socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0);
}

static int look_at_sockets(void)
{
    return or_errno(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG) >= 0);
}

static int become_dumpable(void)
{
    return or_errno(prctl(PR_SET_DUMPABLE, 1) == 0);
}

static int dump_core(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max != 0 ? 0 : EPERM;
}

static int be_looked_into(void)
{
    return prctl(PR_GET_DUMPABLE) != 0 ? 0 : EPERM;
}

static int stay_ready_for_privileges(void)
{
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
}

static const struct {
    const char *name;
    int (*attempt)(void);
    bool by_proxy, by_porter, needs_landlock;
} attempts[] = {
    {"reading a secret file", read_secret, false, true, true},
    {"listing a folder", list_home, false, true, true},
    {"reading /etc/hosts", read_hosts, true, true, false},
    {"writing", write_dev_null, false, false, false},
    {"creating a file", create, false, false, false},
    {"renaming a file", rename_secret, false, false, false},
    {"executing", execute, false, false, false},
    {"executing what is open", execute_by_descriptor, false, false, false},
    {"making a process", make_process, false, false, false},
    {"making a thread", make_thread, true, true, false},
    {"making a namespace", make_namespace, false, false, false},
    {"tracing the parent", trace_parent, false, false, false},
    {"reading the parent's memory", read_parent, false, false, false},
    {"sending the parent a signal", end_parent, false, false, false},
    {"mapping code", map_code, false, false, false},
    {"turning data into code", turn_data_into_code, false, false, false},
    {"mapping a library", map_library, true, true, false},
    {"resolving a name", resolve, true, true, false},
    {"connecting", connect_somewhere, true, false, false},
    {"listening", listen_somewhere, false, false, false},
    {"another family", open_packets, false, false, false},
    {"asking for sockets", look_at_sockets, false, false, false},
    {"becoming dumpable", become_dumpable, false, false, false},
    {"dumping core", dump_core, false, false, false},
    {"being looked into", be_looked_into, false, false, false},
    {"getting privileges by an exec", stay_ready_for_privileges, false, false, false},
};

static bool confined(enum hf_own_process who, const struct hf_launch *launch)
{
    struct hf_error error;
    int ruleset = -1;

    return (who == HF_OWN_PORTER || hf_confine_prepare(launch->plan, &ruleset, &error)) &&
           hf_confine(who, launch, ruleset, &error);
}

/* 0, an errno, or 255 where it could not be confined. `launch` NULL: it is not. */
static int outcome_of(enum hf_own_process who, int (*attempt)(void), const struct hf_launch *launch)
{
    const pid_t child = fork();
    int status;

    if (child == 0)
        _exit(!launch || confined(who, launch) ? attempt() : 255);
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 254;
}

static void what_a_confined_process_can_do(void **state)
{
    const struct hf_facts facts = hf_facts_probe();
    const struct hf_plan plan = {.mode = HF_MODE_PROXY, .landlock = facts.abi > 0, .abi = facts.abi};
    const struct hf_identity identity = {.uid = getuid(), .gid = getgid()};
    const struct hf_launch launch = {.plan = &plan, .identity = &identity};
    int fd, wrong = 0;

    (void)state;
    if (is_below_valgrind())
        skip();
    fd = mkstemp(secret);
    assert_true(fd >= 0);
    for (int who = HF_OWN_PROXY; who <= HF_OWN_PORTER; who++)
        for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
            const bool can = who == HF_OWN_PROXY ? attempts[i].by_proxy || (attempts[i].needs_landlock && !plan.landlock)
                                                 : attempts[i].by_porter;
            const int got = outcome_of((enum hf_own_process)who, attempts[i].attempt, &launch);

            if (((got == 0) == can && got < 254) || outcome_of(HF_OWN_PROXY, attempts[i].attempt, NULL) != 0)
                continue;
            print_error("%s, by the %s: %d\n", attempts[i].name, who == HF_OWN_PROXY ? "proxy" : "porter", got);
            wrong++;
        }
    close(fd);
    unlink(secret);
    unlink("/tmp/hf-confine-new");
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_confined_process_can_do)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
