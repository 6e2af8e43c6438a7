/* libholdfast: running a command in a sandbox. Load a policy, make a sandbox of it, start, wait, report:
 *
 *     struct hf_policy *policy = hf_policy_load("policy.yaml");
 *     struct hf_options options = {.timeout = 60};
 *     struct hf_sandbox *sandbox = hf_sandbox_new(policy, &options, sizeof(options));
 *     if (hf_sandbox_start(sandbox, argv, &error) && hf_sandbox_wait(sandbox, &ended, &error)) ...
 *
 * Errors are values (struct hf_error). Nothing here prints, unless to a stream that the caller gives; nothing exits; there
 * is no global state.
 *
 * Threads: calls on different handles may run at the same time; one handle is used by one thread at a time, except that a
 * policy which is loaded may be shared by many sandboxes. hf_sandbox_start forks: it may be called while other threads run,
 * but for these two things, which leave a lock held in the child: another thread must not be changing the environment
 * (setenv(3) forbids that anyway beside whoever reads it), nor, for proxy mode, be inside of getaddrinfo(3). A thread that
 * calls needs 256 KiB of stack.
 *
 * Processes and signals: hf_sandbox_start leaves the caller's signal handlers, masks, working directory, streams and other
 * children as they are. Each started sandbox is one child of the caller, its supervisor; when that ends the caller gets
 * SIGCHLD. A handler that reaps all children, or SIGCHLD ignored, does no harm. Nothing of a sandbox outlives the caller,
 * however it ends, or hf_sandbox_free. */
#ifndef HOLDFAST_H
#define HOLDFAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors ---- */

/* The steps of a start, in their order. */
enum hf_stage {
    HF_STAGE_USAGE,
    HF_STAGE_POLICY,
    HF_STAGE_PLAN,
    HF_STAGE_PREPARE,
    HF_STAGE_REACH,
    HF_STAGE_LAUNCH,
    HF_STAGE_LIMITS,
    HF_STAGE_NAMESPACE,
    HF_STAGE_NETWORK,
    HF_STAGE_PROXY,
    HF_STAGE_IDENTITY,
    HF_STAGE_CAPABILITIES,
    HF_STAGE_NO_NEW_PRIVS,
    HF_STAGE_LANDLOCK,
    HF_STAGE_SECCOMP,
    HF_STAGE_EXEC,
    HF_STAGE_REPORT,
    HF_STAGE_CONTROL, /* no step of a start: asking a run that goes on */
};

/* What went wrong. Each has a name that never changes (HF-...), a meaning and a remedy. */
enum hf_error_id {
    HF_OK = 0,
    HF_POLICY_INVALID,
    HF_POLICY_UNREADABLE,
    HF_POLICY_UNSUPPORTED,
    HF_WORKDIR_UNUSABLE,
    HF_WORKDIR_ROOT,
    HF_LANDLOCK_UNAVAILABLE,
    HF_LANDLOCK_ABI_TOO_OLD,
    HF_LANDLOCK_NOTHING,
    HF_LANDLOCK_FAILED,
    HF_LANDLOCK_INEFFECTIVE,
    HF_PATH_MISSING,
    HF_PATH_UNUSABLE,
    HF_EXEC_UNREACHABLE,
    HF_EXEC_NOT_FOUND,
    HF_EXEC_FAILED,
    HF_LAUNCH_FAILED,
    HF_STREAM_IS_A_SOCKET,
    HF_LIMIT_TOO_HIGH,
    HF_LIMIT_INEFFECTIVE,
    HF_LIMIT_FAILED,
    HF_CGROUP_UNAVAILABLE,
    HF_NAMESPACE_UNAVAILABLE,
    HF_PROC_UNMOUNTABLE,
    HF_NETWORK_FAILED,
    HF_PROXY_FAILED,
    HF_IDENTITY_UNKNOWN,
    HF_IDENTITY_NOT_PERMITTED,
    HF_IDENTITY_FAILED,
    HF_CAPABILITIES_KEPT,
    HF_NO_NEW_PRIVS_FAILED,
    HF_SECCOMP_FAILED,
    HF_REPORT_UNWRITABLE,
    HF_CAPTURE_UNWRITABLE,
    HF_LOG_UNWRITABLE,
    HF_TLS_UNAVAILABLE,
    HF_ROOTS_MISSING,
    HF_RUN_NOT_FOUND,
    HF_RUN_NOT_YOURS,
    HF_RUN_SILENT,
    HF_UPDATE_REFUSED,
    HF_ERROR_COUNT,
};

/* Why the command could not be executed, as closely as it can be told. */
enum hf_reason {
    HF_REASON_NONE,
    HF_REASON_IN_WORKDIR,
    HF_REASON_BLANK_IN_NAME,
    HF_REASON_DANGLING_LINK,
    HF_REASON_NO_DIRECTORY,
    HF_REASON_DIRECTORY,
    HF_REASON_NO_FILE,
    HF_REASON_MODE,
    HF_REASON_NOEXEC,
    HF_REASON_NO_INTERPRETER,
    HF_REASON_CARRIAGE_RETURN,
    HF_REASON_NO_LOADER,
    HF_REASON_USER,
    HF_REASON_EMPTY,
    HF_REASON_ARCHITECTURE,
    HF_REASON_DAMAGED,
    HF_REASON_BYTE_ORDER_MARK,
    HF_REASON_NO_INTERPRETER_LINE,
    HF_REASON_BUSY,
    HF_REASON_TOO_LONG,
    HF_REASON_COUNT,
};

/* Where something that is enforced, or an error, comes from. line 0: no place in the policy. A message has no lines: `line`
 * counts its values there, `column` is 0, and `field` says which one it is, "landlock.compatibility" (cut when longer). */
#define HF_FIELD_BYTES 128
enum hf_origin_kind { HF_ORIGIN_RUNTIME, HF_ORIGIN_BASELINE, HF_ORIGIN_POLICY, HF_ORIGIN_COMMAND_LINE };

struct hf_origin {
    enum hf_origin_kind kind;
    unsigned line; /* both from 1 */
    unsigned column;
    char field[HF_FIELD_BYTES]; /* "" in a file */
};

#define HF_OBJECT_MAX 4096 /* bytes, the NUL included */

/* Which step failed, how, on what, because of which line. Plain data without pointers: it may be copied and kept. */
struct hf_error {
    enum hf_error_id id;
    enum hf_stage stage;
    int errnum; /* an errno, or 0 */
    struct hf_origin origin;
    enum hf_reason reason;
    char object[HF_OBJECT_MAX]; /* the path, call or name that it failed on; "" when there is none */
    char patch[HF_OBJECT_MAX];  /* lines of YAML that mend the policy, each with its line end; "" when there are none */
};

/* Each is static text: never freed, never NULL for a value of its enum. */
const char *hf_error_name(enum hf_error_id id);            /* "HF-LANDLOCK-UNAVAILABLE" */
const char *hf_error_text(enum hf_error_id id);            /* what it means */
const char *hf_error_remedy(const struct hf_error *error); /* what to do: its reason's remedy, where it has one */
const char *hf_stage_name(enum hf_stage stage);            /* "landlock" */

/* Of a reason: "no-interpreter", which never changes; what it means; what to do. NULL for HF_REASON_NONE. */
const char *hf_reason_name(enum hf_reason reason);
const char *hf_reason_text(enum hf_reason reason);
const char *hf_reason_remedy(enum hf_reason reason);

/* Prints an error for a person: what, where, because of which line, what to do. `policy` is the policy file's name, or
 * NULL. */
void hf_error_print(const struct hf_error *error, const char *policy, FILE *stream);

/* ---- Policies ---- */

/* A policy as read: what it says, or what is wrong with it. */
struct hf_policy;

/* A place in a policy, and what there is to say of it. */
struct hf_remark {
    unsigned line;     /* from 1; 0: the whole file */
    unsigned column;   /* from 1; 0 in a message */
    const char *field; /* which one of a message; NULL in a file, and of a whole message */
    const char *text;  /* both are the policy's */
};

enum hf_format {
    HF_FORMAT_YAML,
    HF_FORMAT_PB, /* a protobuf message, holdfast.Policy of policy.proto */
};

/* Reads a policy from a file or a pipe of at most 1 MiB; file NULL means the empty policy, which is the default set of paths
 * and no network. A file that cannot be read or is not valid is a policy with faults, which no sandbox starts with. NULL
 * (errno ENOMEM) only when memory is out. The caller frees it with hf_policy_unload, after its sandboxes. */
struct hf_policy *hf_policy_load(const char *file);

/* The same from `length` bytes of YAML, which are copied. `name` stands for the file in messages. */
struct hf_policy *hf_policy_load_text(const char *name, const char *text, size_t length);

/* Both of either format. The file "-" is standard input. */
struct hf_policy *hf_policy_load_as(const char *file, enum hf_format format);
struct hf_policy *hf_policy_load_bytes(const char *name, const char *bytes, size_t length, enum hf_format format);

/* Where none is named: HF_POLICY_FILE where there is such a file, and then with its faults if it has any; else the empty
 * policy. */
#define HF_POLICY_FILE "/etc/holdfast/policy.yaml"
struct hf_policy *hf_policy_load_found(void);

/* What messages call it: its file, "standard input", or NULL for the empty policy. */
const char *hf_policy_name(const struct hf_policy *policy);

/* Writes a policy without faults in a format, from which the same policy is read. False: errno says why. */
bool hf_policy_write(const struct hf_policy *policy, enum hf_format format, FILE *stream);

void hf_policy_unload(struct hf_policy *policy); /* NULL is fine */

/* The number of faults, 0 for a valid policy; and each, in the order of the file, from 0. False past the last. */
size_t hf_policy_fault_count(const struct hf_policy *policy);
bool hf_policy_fault(const struct hf_policy *policy, size_t index, struct hf_remark *fault);

/* The keys of a valid policy that this version cannot enforce (`text` is the key, with its value where another value is
 * enforced): a start in proxy mode is refused. */
bool hf_policy_unenforced(const struct hf_policy *policy, size_t index, struct hf_remark *key);

/* ---- The kernel ---- */

struct hf_kernel {
    const char *landlock; /* "available", "none" (not built), "off" (not in lsm=), "blocked" or "unknown"; static */
    int abi;              /* Landlock's; 0 unless available */
    uint32_t errata;      /* bit N-1: erratum N is fixed; 0 where the kernel does not tell */
    bool privileged;      /* namespaces are made as root, and not through a user namespace */
    bool errata_told;     /* the kernel can be asked for its errata (6.15 and later, and what was mended of older ones) */
};

/* What this kernel and the calling thread's privileges offer. `size` is sizeof(struct hf_kernel): a later version of the
 * library fills in no more than the caller knows of. */
void hf_kernel_probe(struct hf_kernel *kernel, size_t size);

/* Another kernel, to plan for: "6", "none", "off" or "blocked". False where it is none of these. */
bool hf_kernel_parse(const char *text, struct hf_kernel *kernel, size_t size);

/* Prints what this kernel offers, and its release, as JSON. False: errno says why. */
bool hf_kernel_write(FILE *stream);

/* The Landlock rights that this library knows, from 0: each one's name (static) and the first ABI that has it. False past the
 * last. */
bool hf_kernel_right(size_t index, const char **name, int *since);

/* The errata of Landlock that this library knows, from 0: each one's number, the first ABI that has it, and what is wrong
 * (static). False past the last. */
bool hf_kernel_erratum(size_t index, unsigned *number, int *since, const char **what);

/* ---- Sandboxes ---- */

struct hf_sandbox;

/* What a capture leaves out unless it is asked for. */
enum hf_capture_part {
    HF_CAPTURE_NAMES = 1,       /* of the user and of the host */
    HF_CAPTURE_ENVIRONMENT = 2, /* the command's */
    HF_CAPTURE_CONTENTS = 4,    /* what is in the text files of at most 16 KiB that it names, the command's script included */
};

/* How a sandbox is to be; all zero is a good start. The strings and arrays are copied, the stream is not. */
struct hf_options {
    const char *mode;    /* "block" or "proxy"; NULL: proxy where the policy has network_policies, else block */
    const char *workdir; /* where the command starts; NULL: the caller's current directory */
    unsigned timeout;    /* seconds until the command is ended by SIGTERM, and 2 s later by SIGKILL; 0: never */
    bool capture;        /* hf_sandbox_capture will be called */
    const int *streams;  /* three descriptors that become the command's 0, 1 and 2 (hf_sandbox_start alone); NULL: as the
                            caller's. They stay the caller's to close */
    bool observe;        /* hf_sandbox_tell_denials will be called (hf_sandbox_run alone). Each call by which the command
                            reaches for a file or an address waits for an observer */
    bool learn;          /* hf_sandbox_write_learnt will be called (hf_sandbox_run alone): NO FILE IS PROTECTED in this run, all
                            else is as ever */
    FILE *warnings;      /* gets a line for everything weaker than the policy asks, and at the end one for each limit that
                            was reached, and what the proxy denied; NULL: they are in the report only */
    unsigned capture_with; /* parts of enum hf_capture_part */
    const int *log;        /* a descriptor that gets a line of JSON for each decision of the proxy's, and for the end of each
                              connection that it let through (hf_sandbox_run alone); NULL: none does */
    const char *log_format; /* "plain" or "ocsf" (https://schema.ocsf.io/1.8.0); NULL: plain */
};

enum hf_exit_kind { HF_EXIT_NONE, HF_EXIT_EXITED, HF_EXIT_SIGNALED, HF_EXIT_TIMEOUT };

/* How a command ended. */
struct hf_exit {
    enum hf_exit_kind kind;
    int status; /* its exit status; of HF_EXIT_SIGNALED the signal; of HF_EXIT_TIMEOUT one or the other */
};

/* A sandbox for one command. `policy` is borrowed until hf_sandbox_free; options NULL means all zero; `size` is
 * sizeof(struct hf_options), by which a later version of the library sees what the caller knows of. NULL with errno EINVAL
 * where the mode is no mode, the format of the log is none, or size is too large, or ENOMEM. */
struct hf_sandbox *hf_sandbox_new(const struct hf_policy *policy, const struct hf_options *options, size_t size);

/* Ends what still runs in it, waits for that, and frees it. NULL is fine. */
void hf_sandbox_free(struct hf_sandbox *sandbox);

/* Works out what would be enforced on `kernel` (NULL: on this one), without starting anything. False with *error where a
 * start would be refused by that alone. The two below print what was worked out last: for a person, and as JSON (false:
 * errno says why). */
bool hf_sandbox_plan(struct hf_sandbox *sandbox, const struct hf_kernel *kernel, struct hf_error *error);
bool hf_sandbox_print_plan(const struct hf_sandbox *sandbox, FILE *stream);
bool hf_sandbox_write_plan(const struct hf_sandbox *sandbox, FILE *stream);

/* Starts a command (argv, NULL at the end; its first is looked for in PATH) and returns true when it has been executed.
 * False: *error says why, nothing was run, and nothing is left. A sandbox is started once. The supervisor it forks has the
 * caller's terminal and process group, passes SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP,
 * SIGTTIN, SIGTTOU, SIGCONT and SIGWINCH on to the command, and ends it when the caller is gone: a fork of the caller
 * that does not execute anything must not be what keeps it. */
bool hf_sandbox_start(struct hf_sandbox *sandbox, char *const argv[], struct hf_error *error);

/* Waits until the command has ended and nothing is left of the sandbox. False with *error where it was not started. It may be
 * called again. */
bool hf_sandbox_wait(struct hf_sandbox *sandbox, struct hf_exit *ended, struct hf_error *error);

/* A descriptor that is readable (poll(2)) once hf_sandbox_wait will not block; -1 where nothing runs. The sandbox's: neither
 * read nor closed by the caller. */
int hf_sandbox_fd(const struct hf_sandbox *sandbox);

/* Sends the command one of the signals above, or ends the whole sandbox (SIGKILL). False with errno: ESRCH where nothing
 * runs, EINVAL for another signal. */
bool hf_sandbox_signal(struct hf_sandbox *sandbox, int number);

/* Start and wait in one, for a program that does nothing else beside it, as `holdfast run` does: the calling process is
 * itself the supervisor, which saves a process. From the start on it has SIGCHLD at its default, the signals above blocked,
 * the working directory changed, /dev/null for its standard input and output, and cannot be traced or dump core; it must
 * have one thread. False as hf_sandbox_start; true when the command was executed and has ended. */
bool hf_sandbox_run(struct hf_sandbox *sandbox, char *const argv[], struct hf_exit *ended, struct hf_error *error);

/* ---- What became of it: after a start, gone well or not, and its wait ---- */

/* "started", "degraded" (started, with less than the policy asks), "refused" or "exec-failed"; static. */
const char *hf_sandbox_outcome(const struct hf_sandbox *sandbox);

/* The exit status that `holdfast run` would end with: the command's own; 124 time limit; 125 refused; 126 not executable;
 * 127 no such command; 128+N signal N. */
int hf_sandbox_status(const struct hf_sandbox *sandbox);

/* Writes to `fd` what was planned, enforced and became of it: one JSON document. */
bool hf_sandbox_report(const struct hf_sandbox *sandbox, int fd, struct hf_error *error);

/* Writes to `fd`, a file opened for it, the policy, the command and what became of them as a scenario of the matrix, for a bug
 * report: without where the homes are, and without what the option capture_with does not ask for. */
bool hf_sandbox_capture(const struct hf_sandbox *sandbox, int fd, struct hf_error *error);

/* Prints what the sandbox denied the command, of the calls that were observed: each access with its process, the rule that came
 * nearest and the change of the policy that allows it; then the smallest change that allows them all, as a unified diff. After
 * a run with the option observe; without, and where nothing was started, it prints nothing. False: errno says why. */
bool hf_sandbox_tell_denials(const struct hf_sandbox *sandbox, FILE *stream);

/* Writes a policy that lets the command do again what it did with files, with comments on what is unsure. After a run with the
 * option learn; without, and where nothing was started, it writes nothing. False: errno says why. */
bool hf_sandbox_write_learnt(const struct hf_sandbox *sandbox, FILE *stream);

/* ---- A run that goes on ---- */

/* A run in proxy mode is asked by its number, the process id of its supervisor: of hf_sandbox_run (and `holdfast run`) the
 * process that calls it, of hf_sandbox_start the child that it makes. It is found in the same network and PID namespace, and
 * answers who started it, and root. */

struct hf_refusals;

/* Has the networks of `policy` judge from now on in the place of those that the run has: all at once, between two requests.
 * What is open stays open; all that is asked after the return is judged by the new ones. A policy without networks lets nothing
 * through. Whatever else the policy says must be what the run was started with. False with *error, and the run has the
 * networks that it had; for HF_UPDATE_REFUSED *refusals says what in the policy is against it, and else is NULL. The caller
 * frees it. */
bool hf_run_update(int run, const struct hf_policy *policy, struct hf_refusals **refusals, struct hf_error *error);

/* Each reason, in the order of the file, from 0. False past the last. */
bool hf_refusal(const struct hf_refusals *refusals, size_t index, struct hf_remark *refusal);
void hf_refusals_free(struct hf_refusals *refusals); /* NULL is fine */

/* Where a run is shown: all zero is as plain lines. */
struct hf_screen {
    unsigned columns; /* lines are cut there, unless that is 0, */
    unsigned rows;    /* and left out beyond this one; then each ends with the sequence that clears the rest of its row */
    bool is_styled;   /* by ANSI sequences: bold and red */
    unsigned used;    /* rows so far */
};

/* Shows what a run is doing: its open connections, and what it denied lately. Nothing that it says steers a terminal. And the
 * same as JSON. False with *error. */
bool hf_run_print(int run, struct hf_screen *screen, FILE *stream, struct hf_error *error);
bool hf_run_write(int run, FILE *stream, struct hf_error *error);

/* The runs in proxy mode that can be found from here, whoever they belong to: as many as there are, of which the first `most`
 * are put into `runs`. */
size_t hf_run_list(int *runs, size_t most);

const char *hf_version(void); /* "0.1.0"; static */

#ifdef __cplusplus
}
#endif

#endif
