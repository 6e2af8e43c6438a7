/* Another process: its numbers and name, what stands in its memory and behind its descriptors. */
#ifndef HF_WHY_REMOTE_H
#define HF_WHY_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "why/mode.h"

/* The numbers of a thread's process and of the thread in their own namespace, and of the process in this one's. */
struct hf_ids {
    pid_t number;
    pid_t thread;
    pid_t group;
    struct hf_credentials credentials; /* as this namespace's numbers */
};

/* False where it is gone. */
bool hf_remote_ids(pid_t thread, struct hf_ids *ids);

/* What the thread is called; "" where it is gone. */
void hf_remote_name(pid_t thread, char name[16]);

/* Reads `size` bytes; false where that is not possible. */
bool hf_remote_read(pid_t pid, uint64_t address, void *to, size_t size);

/* Reads text with its end; false where that is not possible or longer. */
bool hf_remote_text(pid_t pid, uint64_t address, char *to, size_t size);

/* The type of a socket (SOCK_STREAM and its like), or 0. `group` is the process's number. */
int hf_remote_socket_type(pid_t group, int fd);

#endif
