/* The words of every error: one table, one printer. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

struct words {
    const char *name;
    const char *text;
    const char *remedy;
};

static const struct words words[HF_ERROR_COUNT] = {
    [HF_OK] = {"HF-OK", "nothing failed", ""},
    [HF_POLICY_INVALID] = {"HF-POLICY-INVALID", "the policy is not valid", "mend what is named above"},
    [HF_POLICY_UNREADABLE] = {"HF-POLICY-UNREADABLE", "the policy cannot be read",
                              "name a file or a pipe that is there, that you may read, and that is at most 1 MiB long"},
    [HF_POLICY_UNSUPPORTED] = {"HF-POLICY-UNSUPPORTED",
                               "the policy limits the network by keys that this version cannot enforce",
                               "take them out if more may be reached than they say, or run with --mode block, which "
                               "reaches nothing"},
    [HF_WORKDIR_UNUSABLE] = {"HF-WORKDIR-UNUSABLE", "the working directory cannot be used",
                             "name a directory that exists and that you may enter with --workdir"},
    [HF_WORKDIR_ROOT] = {"HF-WORKDIR-ROOT", "the working directory is /, and the policy would make all of it writable",
                         "name another directory with --workdir, or set include_workdir: false"},
    [HF_LANDLOCK_UNAVAILABLE] = {"HF-LANDLOCK-UNAVAILABLE",
                                 "landlock is required (hard_requirement) and this kernel does not offer it",
                                 "ENOSYS: run a kernel of 5.19 or later built with landlock; EOPNOTSUPP: add landlock to "
                                 "the kernel's lsm= list; EPERM: allow the landlock calls in the container's seccomp "
                                 "profile; or write compatibility: best_effort"},
    [HF_LANDLOCK_ABI_TOO_OLD] = {"HF-LANDLOCK-ABI-TOO-OLD",
                                 "landlock is required (hard_requirement) at a newer ABI than is to be had here",
                                 "run a newer kernel (5.19 for ABI 2, 6.12 for ABI 6), lower landlock.min_abi, or write "
                                 "compatibility: best_effort"},
    [HF_LANDLOCK_NOTHING] = {"HF-LANDLOCK-NOTHING",
                             "landlock is required (hard_requirement) and there is no path to build a rule from",
                             "list at least one path that exists, or leave filesystem_policy out for the default set"},
    [HF_LANDLOCK_FAILED] = {"HF-LANDLOCK-FAILED", "the kernel refused a landlock call",
                            "report this with the kernel's version and the output of holdfast plan"},
    [HF_LANDLOCK_INEFFECTIVE] = {"HF-LANDLOCK-INEFFECTIVE", "the kernel took the landlock ruleset and does not enforce it",
                                 "run on a kernel whose landlock calls are its own: an emulator, a container's runtime or "
                                 "a seccomp filter answers them here"},
    [HF_PATH_MISSING] = {"HF-PATH-MISSING", "a path of the policy cannot be opened and hard_requirement wants them all",
                         "create it, take it out of the policy, or write compatibility: best_effort"},
    [HF_PATH_UNUSABLE] = {"HF-PATH-UNUSABLE", "a path could not be opened for a reason of this machine's",
                          "free the resource that the errno names and try again"},
    [HF_EXEC_UNREACHABLE] = {"HF-EXEC-UNREACHABLE", "the policy does not let the command be executed; it lacks",
                             "add these paths, or directories above them, to filesystem_policy.read_only, as here:"},
    [HF_EXEC_NOT_FOUND] = {"HF-EXEC-NOT-FOUND", "no such command", "check the spelling and PATH"},
    [HF_EXEC_FAILED] = {"HF-EXEC-FAILED", "the command could not be executed",
                        "see what the errno says of this file: its mode, its #! line, its architecture, noexec"},
    [HF_LAUNCH_FAILED] = {"HF-LAUNCH-FAILED", "the process could not be set up",
                          "free the resource that the errno names and try again"},
    [HF_STREAM_IS_A_SOCKET] = {"HF-STREAM-IS-A-SOCKET",
                               "a standard stream is a socket by which the outside's network could be reached",
                               "put a pipe between: cat | holdfast run ... | cat"},
    [HF_LIMIT_TOO_HIGH] = {"HF-LIMIT-TOO-HIGH", "the policy gives more of this than the caller has to give",
                           "lower it in the policy, or raise the hard limit of who starts holdfast (ulimit -H, "
                           "limits.conf(5), systemd's Limit...=)"},
    [HF_LIMIT_INEFFECTIVE] = {"HF-LIMIT-INEFFECTIVE", "the kernel would not hold the command to this limit",
                              "write resources.pids, which holds for root too, or let the command run as somebody else "
                              "(process.run_as_user)"},
    [HF_LIMIT_FAILED] = {"HF-LIMIT-FAILED", "a limit of the policy could not be set", "see the errno; nothing was run"},
    [HF_CGROUP_UNAVAILABLE] = {"HF-CGROUP-UNAVAILABLE", "no cgroup can be had here to hold the run to the policy's resources",
                               "give holdfast a cgroup v2 of its own: systemd-run --user --scope -p Delegate=yes holdfast "
                               "run ... (as root without --user); a controller that is not there belongs to a v1 hierarchy, "
                               "or was not handed down; or take resources out of the policy"},
    [HF_NAMESPACE_UNAVAILABLE] = {"HF-NAMESPACE-UNAVAILABLE", "no namespaces can be made here",
                                  "run as root, or allow user namespaces (user.max_user_namespaces, "
                                  "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns, the "
                                  "container's seccomp profile); where it is the mounts, with EINVAL, this is a chroot in "
                                  "which neither / nor /proc is one: mount a /proc there"},
    [HF_PROC_UNMOUNTABLE] = {"HF-PROC-UNMOUNTABLE", "the sandbox's own /proc could not be mounted",
                             "an errno of EPERM is a container that hides parts of its /proc: run holdfast outside of it, "
                             "as its root, or give the container an unmasked /proc"},
    [HF_NETWORK_FAILED] = {"HF-NETWORK-FAILED", "the sandbox's network could not be set up",
                           "an errno of EPERM here is most often AppArmor's limit on user namespaces "
                           "(kernel.apparmor_restrict_unprivileged_userns)"},
    [HF_PROXY_FAILED] = {"HF-PROXY-FAILED", "the proxy could not be started", "see the errno; nothing was run"},
    [HF_IDENTITY_UNKNOWN] = {"HF-IDENTITY-UNKNOWN", "no such user or group", "create it, or name another one"},
    [HF_IDENTITY_NOT_PERMITTED] = {"HF-IDENTITY-NOT-PERMITTED", "only root can run the command as somebody else",
                                   "run holdfast as root, or take run_as_user and run_as_group out"},
    [HF_IDENTITY_FAILED] = {"HF-IDENTITY-FAILED", "the user or group could not be changed", "see the errno"},
    [HF_CAPABILITIES_KEPT] = {"HF-CAPABILITIES-KEPT", "capabilities are left after the drop",
                              "run holdfast with CAP_SETPCAP, or as an ordinary user"},
    [HF_NO_NEW_PRIVS_FAILED] = {"HF-NO-NEW-PRIVS-FAILED", "no_new_privs could not be set", "see the errno"},
    [HF_SECCOMP_FAILED] = {"HF-SECCOMP-FAILED", "the seccomp filter could not be loaded",
                           "the kernel needs CONFIG_SECCOMP_FILTER, and the container must allow seccomp(2)"},
    [HF_REPORT_UNWRITABLE] = {"HF-REPORT-UNWRITABLE", "the report file cannot be written",
                              "name a file in a directory that you may write to"},
    [HF_CAPTURE_UNWRITABLE] = {"HF-CAPTURE-UNWRITABLE", "the run cannot be captured",
                               "name a file that you may write to; a policy that is a device, a message that is not "
                               "valid, or too long to be one cannot stand in a scenario, so describe it instead"},
    [HF_LOG_UNWRITABLE] = {"HF-LOG-UNWRITABLE", "the proxy's log cannot be written",
                           "name a file in a directory that you may write to"},
    [HF_TLS_UNAVAILABLE] = {"HF-TLS-UNAVAILABLE", "the policy has tls: terminate, and the proxy cannot end TLS here",
                            "install the package holdfast-tls, or the whole of a build (make install), with the "
                            "libraries that it needs (libssl3, libnghttp2-14); where it is the roots, install "
                            "ca-certificates, or name another file of certificates in SSL_CERT_FILE"},
    [HF_ROOTS_MISSING] = {"HF-ROOTS-MISSING",
                          "the policy has tls: terminate, and there are no root certificates to judge servers by",
                          "install ca-certificates, or name a file of certificates in SSL_CERT_FILE"},
    [HF_RUN_NOT_FOUND] = {"HF-RUN-NOT-FOUND", "there is no run to be asked",
                          "give the process id of a holdfast run in proxy mode, as whoever started it sees it: from the same "
                          "network and PID namespace"},
    [HF_RUN_NOT_YOURS] = {"HF-RUN-NOT-YOURS", "the run answers only who started it, and root", "ask as one of these"},
    [HF_RUN_SILENT] = {"HF-RUN-SILENT", "the run did not answer",
                       "ask again; a run whose proxy is stopped, or is of another version of holdfast, does not answer"},
    [HF_UPDATE_REFUSED] = {"HF-UPDATE-REFUSED", "the run goes on with the networks that it had",
                           "mend what is named above, or start the command anew"},
};

static const char *const stages[] = {
    [HF_STAGE_USAGE] = "usage",
    [HF_STAGE_POLICY] = "policy",
    [HF_STAGE_PLAN] = "plan",
    [HF_STAGE_PREPARE] = "prepare",
    [HF_STAGE_REACH] = "reach",
    [HF_STAGE_LAUNCH] = "launch",
    [HF_STAGE_LIMITS] = "limits",
    [HF_STAGE_NAMESPACE] = "namespace",
    [HF_STAGE_NETWORK] = "network",
    [HF_STAGE_PROXY] = "proxy",
    [HF_STAGE_IDENTITY] = "identity",
    [HF_STAGE_CAPABILITIES] = "capabilities",
    [HF_STAGE_NO_NEW_PRIVS] = "no_new_privs",
    [HF_STAGE_LANDLOCK] = "landlock",
    [HF_STAGE_SECCOMP] = "seccomp",
    [HF_STAGE_EXEC] = "exec",
    [HF_STAGE_REPORT] = "report",
    [HF_STAGE_CONTROL] = "control",
};

bool hf_fail(struct hf_error *error, enum hf_error_id id, enum hf_stage stage, int errnum, const char *object, ...)
{
    va_list arguments;

    *error = (struct hf_error){.id = id, .stage = stage, .errnum = errnum};
    va_start(arguments, object);
    vsnprintf(error->object, sizeof(error->object), object, arguments);
    va_end(arguments);
    return false;
}

const char *hf_error_name(enum hf_error_id id)
{
    return words[id].name;
}

const char *hf_error_text(enum hf_error_id id)
{
    return words[id].text;
}

const char *hf_error_remedy(const struct hf_error *error)
{
    return error->reason ? hf_reason_remedy(error->reason) : words[error->id].remedy;
}

const char *hf_stage_name(enum hf_stage stage)
{
    return stages[stage];
}

const char *hf_origin_name(enum hf_origin_kind kind)
{
    static const char *const names[] = {[HF_ORIGIN_RUNTIME] = "runtime",
                                        [HF_ORIGIN_BASELINE] = "baseline",
                                        [HF_ORIGIN_POLICY] = "policy",
                                        [HF_ORIGIN_COMMAND_LINE] = "command line"};

    return names[kind];
}

struct hf_where hf_where(unsigned line, const char *field)
{
    struct hf_where where;

    if (field && field[0])
        snprintf(where.text, sizeof(where.text), "%s", field);
    else
        snprintf(where.text, sizeof(where.text), "line %u", line);
    return where;
}

struct hf_where hf_origin_place(const struct hf_origin *origin)
{
    struct hf_where where;

    if (origin->field[0])
        snprintf(where.text, sizeof(where.text), "%s", origin->field);
    else
        snprintf(where.text, sizeof(where.text), "%u:%u", origin->line, origin->column);
    return where;
}

const char *hf_errno_name(int errnum)
{
    static _Thread_local char unknown[24];
    const char *name = errnum ? strerrorname_np(errnum) : "0";

    if (name)
        return name;
    snprintf(unknown, sizeof(unknown), "errno %d", errnum);
    return unknown;
}

static void print_patch(const char *patch, FILE *stream)
{
    while (*patch) {
        const int length = (int)strcspn(patch, "\n");

        fprintf(stream, "    %.*s\n", length, patch);
        patch += length + (patch[length] == '\n');
    }
}

void hf_error_print(const struct hf_error *error, const char *policy, FILE *stream)
{
    const struct words *say = &words[error->id];

    fprintf(stream, "holdfast: refused at %s: %s", stages[error->stage], say->text);
    if (error->object[0])
        fprintf(stream, ": %s", error->object);
    if (error->reason)
        fprintf(stream, ": %s", hf_reason_text(error->reason));
    if (error->errnum)
        fprintf(stream, " (%s: %s)", hf_errno_name(error->errnum), strerror(error->errnum));
    /* The remedy is in the second line whatever the first one says. */
    fprintf(stream, " [%s]\n  ", say->name);
    if (error->origin.line)
        fprintf(stream, "because of %s:%s; ", policy ? policy : "the policy", hf_origin_place(&error->origin).text);
    fprintf(stream, "to do: %s\n", hf_error_remedy(error));
    print_patch(error->patch, stream);
}
