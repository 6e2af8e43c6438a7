/* proc(5), process_vm_readv(2) and pidfd_getfd(2): the supervisor is the parent of all, and may trace them (ptrace(2)).
 */
#include "why/remote.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/cleanup.h"

#define PAGE 4096U

/* The last of the numbers behind `key`: the innermost namespace's, or the one that counts for files. */
static bool take_number(const char *line, const char *key, pid_t *number)
{
    const char *at = strrchr(line, '\t');

    if (strncmp(line, key, strlen(key)) != 0 || !at)
        return false;
    *number = (pid_t)strtol(at + 1, NULL, 10);
    return true;
}

static bool take_groups(const char *line, struct hf_credentials *credentials)
{
    static const char key[] = "Groups:";
    const char *at = line + sizeof(key) - 1;
    char *end;

    if (strncmp(line, key, sizeof(key) - 1) != 0)
        return false;
    for (unsigned long gid; credentials->group_count < HF_GROUPS_MOST; at = end) {
        gid = strtoul(at, &end, 10);
        if (end == at)
            break;
        credentials->groups[credentials->group_count++] = (gid_t)gid;
    }
    return true;
}

bool hf_remote_ids(pid_t thread, struct hf_ids *ids)
{
    char file[64], line[1024];
    FILE *stream;
    pid_t uid = 0, gid = 0;
    int found = 0;

    ids->credentials.group_count = 0;
    snprintf(file, sizeof(file), "/proc/%d/status", thread);
    stream = fopen(file, "re");
    while (stream && found < 6 && fgets(line, sizeof(line), stream))
        found += take_number(line, "Tgid:", &ids->group) || take_number(line, "Uid:", &uid) ||
                 take_number(line, "Gid:", &gid) || take_groups(line, &ids->credentials) ||
                 take_number(line, "NStgid:", &ids->number) || take_number(line, "NSpid:", &ids->thread);
    if (stream)
        fclose(stream);
    ids->credentials.uid = (uid_t)uid;
    ids->credentials.gid = (gid_t)gid;
    return found == 6;
}

void hf_remote_name(pid_t thread, char name[16])
{
    char file[64];
    ssize_t length;
    hf_autoclose int fd = -1;

    snprintf(file, sizeof(file), "/proc/%d/comm", thread);
    fd = open(file, O_RDONLY | O_CLOEXEC);
    length = fd < 0 ? -1 : read(fd, name, 15);
    name[length > 0 ? length : 0] = '\0';
    name[strcspn(name, "\n")] = '\0';
}

bool hf_remote_read(pid_t pid, uint64_t address, void *to, size_t size)
{
    const struct iovec here = {.iov_base = to, .iov_len = size};
    const struct iovec there = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};

    return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

/* A page at a time: the next may not be there, and need not be. */
bool hf_remote_text(pid_t pid, uint64_t address, char *to, size_t size)
{
    for (size_t used = 0; used < size;) {
        const size_t in_page = PAGE - (size_t)((address + used) % PAGE);
        const size_t part = in_page < size - used ? in_page : size - used;

        if (!hf_remote_read(pid, address + used, to + used, part))
            return false;
        if (memchr(to + used, '\0', part))
            return true;
        used += part;
    }
    return false;
}

int hf_remote_socket_type(pid_t group, int fd)
{
    hf_autoclose int process = (int)syscall(SYS_pidfd_open, group, 0U);
    hf_autoclose int copy = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, fd, 0U);
    int type = 0;
    socklen_t length = sizeof(type);

    return copy >= 0 && getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &length) == 0 ? type : 0;
}
