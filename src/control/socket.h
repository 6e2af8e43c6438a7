/* A run's control socket. Its name is an abstract one (unix(7)): such names belong to a network namespace, and that of a sandbox
 * is its own, so that no command finds the socket of its own run, on any kernel, whatever Landlock holds there; and no file
 * is left behind. The name is no secret, and anybody may take it: who stands behind it is what counts, and is asked on both
 * sides (SO_PEERCRED). */
#ifndef HF_CONTROL_SOCKET_H
#define HF_CONTROL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* "holdfast/", the inode of the namespace in which the number is a process's, and that number. */
#define HF_CONTROL_PREFIX "holdfast/"
#define HF_CONTROL_NAME_MAX 64

/* Names the run that is process `run`, without the NUL in front. False with errno where this has no /proc. */
bool hf_control_name(pid_t run, char name[static HF_CONTROL_NAME_MAX]);

/* Listens as the calling process, which is then who stands behind the name: the run, by whoever started it. -1 with errno. */
int hf_control_listen(void);

/* Connects to a run. -1 with errno: ECONNREFUSED where nobody listens. */
int hf_control_connect(pid_t run);

/* The runs that listen here, by their processes' numbers: as many as there are, of which the first `most` are put down. */
size_t hf_control_list(int *runs, size_t most);

/* Who is at the other end: who connected, or who listened. False with errno. */
bool hf_control_peer(int fd, pid_t *process, uid_t *user);

#endif
