/* deny-call: runs a command for which some system calls fail, as they do in a container or under another kernel's limits,
 * or succeed without being made (`ok`), as under an emulator. Calls and errors are names, as in seccomp(2) and errno(3);
 * `namespaces` is every call that makes one. */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ERRNO_MAX 4095 /* include/linux/err.h */

#define NAMESPACES "namespaces"

static const char usage[] = "usage: deny-call CALL=ERRNO|ok[,CALL=ERRNO|ok...] COMMAND ARG...\n";

/* 0 for `ok`: so seccomp(2) answers, too. -1 where it is none. */
static int errno_of(const char *name)
{
    if (strcmp(name, "ok") == 0)
        return 0;
    for (int errnum = 1; errnum <= ERRNO_MAX; errnum++) {
        const char *const known = strerrorname_np(errnum);

        if (known && strcmp(known, name) == 0)
            return errnum;
    }
    return -1;
}

/* Denies unshare(2), and clone(2) with a flag that makes a namespace; what forks goes on. */
static int deny_namespaces(scmp_filter_ctx filter, uint32_t action)
{
    static const scmp_datum_t flags[] = {CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWNS,
                                         CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};
    int failure = seccomp_rule_add(filter, action, SCMP_SYS(unshare), 0);

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]) && !failure; i++)
        failure = seccomp_rule_add(filter, action, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, flags[i], flags[i]));
    return failure;
}

static int add(scmp_filter_ctx filter, const char *name, int call, int errnum)
{
    const uint32_t action = SCMP_ACT_ERRNO((uint32_t)errnum);

    return strcmp(name, NAMESPACES) == 0 ? deny_namespaces(filter, action) : seccomp_rule_add(filter, action, call, 0);
}

/* Takes one CALL=ERRNO, which it cuts in two. */
static bool deny(scmp_filter_ctx filter, char *denial)
{
    char *const error = strchr(denial, '=');
    int call, errnum;

    if (error)
        *error = '\0';
    call = seccomp_syscall_resolve_name(denial);
    errnum = error ? errno_of(error + 1) : -1;
    if (call == __NR_SCMP_ERROR && strcmp(denial, NAMESPACES) != 0)
        fprintf(stderr, "deny-call: no system call '%s'\n", denial);
    else if (errnum < 0)
        fprintf(stderr, "deny-call: no error '%s' for %s\n", error ? error + 1 : "", denial);
    else if (add(filter, denial, call, errnum) < 0)
        fprintf(stderr, "deny-call: no rule can be made for %s\n", denial);
    else
        return true;
    return false;
}

/* As root it goes without no_new_privs, so that nothing but the calls is another than without. */
static bool load(scmp_filter_ctx filter)
{
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW) < 0 ||
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) < 0)
        return false;
    return seccomp_load(filter) == 0 ||
           (seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1) == 0 && seccomp_load(filter) == 0);
}

int main(int argc, char *argv[])
{
    scmp_filter_ctx filter;

    if (argc < 3) {
        fputs(usage, stderr);
        return 2;
    }
    filter = seccomp_init(SCMP_ACT_ALLOW);
    for (char *rest = argv[1], *denial; filter && (denial = strsep(&rest, ","));)
        if (!deny(filter, denial))
            return 2;
    if (!filter || !load(filter)) {
        fputs("deny-call: the filter could not be loaded\n", stderr);
        return 1;
    }
    seccomp_release(filter);
    execvp(argv[2], argv + 2);
    fprintf(stderr, "deny-call: %s: %s\n", argv[2], strerror(errno));
    return 127;
}
