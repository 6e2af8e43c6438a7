/* What stands in another process's memory and behind its descriptors. */
#ifndef HF_WHY_REMOTE_H
#define HF_WHY_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads `size` bytes; false where that is not possible. */
bool hf_remote_read(pid_t pid, uint64_t address, void *to, size_t size);

/* Reads text with its end; false where that is not possible or longer. */
bool hf_remote_text(pid_t pid, uint64_t address, char *to, size_t size);

/* The type of a socket (SOCK_STREAM and its like), or 0. `group` is the process's number. */
int hf_remote_socket_type(pid_t group, int fd);

#endif
