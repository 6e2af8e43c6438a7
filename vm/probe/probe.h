/* hf-probe: one small attempt at something a sandbox may deny, and the kernel's answer to it. A kind of probe is a row
 * in the table of main.c and a function of the shape below in the file of its subject. */
#ifndef HF_PROBE_H
#define HF_PROBE_H

#include <stdbool.h>
#include <stdio.h>

#define PROBE_ARGUMENTS_MAX 3

/* Makes the attempt. What it writes to `answer` is the result; when that is nothing, the value returned is: 0 is `ok`,
 * anything else an errno. It leaves the process as it found it: what cannot be taken back is done in a child. */
typedef int probe_function(char *const *arguments, FILE *answer);

/* An argument: its name in the usage and, where not every text will do, the check and what it asks for. */
struct probe_argument {
    const char *name;
    bool (*valid)(const char *text);
    const char *must_be;
};

struct probe_kind {
    const char *name;
    const struct probe_argument *arguments[PROBE_ARGUMENTS_MAX]; /* NULL behind the last */
    probe_function *run;
    const char *usage;
};

/* A spec taken apart: fields decoded, kind and arguments checked. It points into the text that it was parsed from. */
struct probe_spec {
    const char *id;
    const struct probe_kind *kind;
    char *arguments[PROBE_ARGUMENTS_MAX];
};

/* spec.c. On failure one line for a person is in `problem`. */
bool probe_spec_parse(char *text, const struct probe_kind *kinds, size_t count, struct probe_spec *spec, char *problem,
                      size_t problem_size);
void probe_encode(const char *text, FILE *stream);

/* child.c: for what would leave its mark on the process. */
typedef int probe_work(const void *data); /* 0 or an errno */
int probe_in_child(probe_work *work, const void *data, FILE *answer);
bool probe_fork(int *pid, FILE *answer);
int probe_wait(int pid, FILE *answer); /* the exit status; a signal is written to answer */
const char *probe_errno_name(int errnum);

/* attempts.c: an attempt at getting out, by its name; 0 says that it got through, and nothing else does. One that leaves
 * marks on its process, or may be killed, is made in a child: a fork costs milliseconds under emulation. */
struct probe_attempt {
    const char *name;
    int (*run)(char *const *arguments);
    const char *what;
    bool marks;
};

/* A table for each theme, each in a file of its own; the last row has no name. */
extern const struct probe_attempt probe_attempts_processes[], probe_attempts_ipc[], probe_attempts_files[],
    probe_attempts_metadata[], probe_attempts_kernel[], probe_attempts_exec[];

probe_function probe_try, probe_try_at, probe_try_between;
bool probe_attempt_known(const char *name);
void probe_attempt_help(FILE *stream);

/* files.c */
probe_function probe_read, probe_write, probe_create, probe_list, probe_rename, probe_link, probe_symlink, probe_unlink,
    probe_mkdir, probe_rmdir, probe_mkfifo, probe_truncate, probe_ftruncate, probe_ioctl, probe_chmod;

/* process.c */
probe_function probe_exec, probe_signal, probe_thread;

/* network.c */
probe_function probe_tcp_connect, probe_tcp_bind, probe_udp_send, probe_unix_connect, probe_unix_send,
    probe_abstract_connect, probe_socket, probe_netns_interfaces;
bool probe_address_valid(const char *address);
int probe_tcp_open(const char *address, const char *port, int *fd); /* connected, with time limits; 0 or an errno */

/* http.c */
probe_function probe_http, probe_http_why, probe_request, probe_proxy_env;

/* ways.c */
probe_function probe_reach, probe_tcp_by, probe_interface_up;
bool probe_way_known(const char *name);

/* syscalls.c */
probe_function probe_syscall;
bool probe_syscall_known(const char *name);
void probe_syscall_help(FILE *stream);

/* through.c */
probe_function probe_through;
bool probe_through_known(const char *name);

/* foreign.c */
probe_function probe_int80, probe_x32;

/* state.c */
probe_function probe_caps, probe_nnp, probe_id, probe_env, probe_fds;

#endif
