/* The world of the cells: mounts, loopback, process ids, and the list. */
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define CELLS_MAX (64U << 20)

bool world_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)
{
    if (mount(source, target, type, flags, data) == 0)
        return true;
    fprintf(stderr, "cannot mount %s on %s: %s\n", source, target, strerror(errno));
    return false;
}

bool world_sysctl(const char *path, const char *value)
{
    hf_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
}

static bool add_address(int fd, const char *alias, const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct ifreq request = {0};

    strcpy(request.ifr_name, alias);
    inet_pton(AF_INET, text, &address.sin_addr);
    memcpy(&request.ifr_addr, &address, sizeof(address));
    return ioctl(fd, SIOCSIFADDR, &request) == 0;
}

/* There is one interface, and a sandbox's own namespace has one as well. So that it can be seen which of the two a command
 * is in, this one has another name, and an address (of TEST-NET-1, RFC 5737) that the other has not; see netdevice(7). */
static bool loopback_up(void)
{
    struct ifreq name = {.ifr_name = "lo", .ifr_newname = WORLD_INTERFACE};
    struct ifreq up = {.ifr_name = WORLD_INTERFACE, .ifr_flags = IFF_UP | IFF_RUNNING};
    hf_autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && ioctl(fd, SIOCSIFNAME, &name) == 0 && ioctl(fd, SIOCSIFFLAGS, &up) == 0 &&
        add_address(fd, WORLD_INTERFACE ":1", WORLD_ADDRESS) && add_address(fd, WORLD_INTERFACE ":2", WORLD_METADATA))
        return true;
    fprintf(stderr, "cannot bring loopback up: %s\n", strerror(errno));
    return false;
}

bool world_prepare(void)
{
    if (!world_mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=16m") ||
        !world_mount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=4m") ||
        (access("/dev/shm", F_OK) == 0 &&
         !world_mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=16m")) ||
        !world_mount("mnt", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m"))
        return false;
    if (mkdir(CELL_DIRECTORY, 0755) < 0) {
        perror("cannot make " CELL_DIRECTORY);
        return false;
    }
    world_sysctl("/proc/sys/kernel/ns_last_pid",
                 "1000"); /* CONFIG_CHECKPOINT_RESTORE; where it is not, ids begin low */
    return loopback_up();
}

static const char *const discs[WORLD_DISCS] = {"/", "/dev", "/mnt", "/run"};

struct world_room world_room(void)
{
    struct world_room room = {0};

    for (size_t i = 0; i < WORLD_DISCS; i++) {
        struct statfs disc;

        if (statfs(discs[i], &disc) == 0 && disc.f_type == TMPFS_MAGIC)
            room.free[i] = (unsigned long long)disc.f_bfree;
    }
    return room;
}

const char *world_filled(const struct world_room *before)
{
    const struct world_room now = world_room();

    for (size_t i = 0; i < WORLD_DISCS; i++)
        if (now.free[i] < before->free[i] / 2)
            return discs[i];
    return NULL;
}

static char *read_file(const char *path, size_t *length)
{
    hf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    hf_autofree char *text = NULL;
    struct stat status;
    ssize_t got;

    if (fd < 0 || fstat(fd, &status) < 0)
        return NULL;
    if (!S_ISREG(status.st_mode) || status.st_size > CELLS_MAX) {
        errno = S_ISREG(status.st_mode) ? EFBIG : EINVAL;
        return NULL;
    }
    text = malloc((size_t)status.st_size + 1);
    *length = 0;
    while (text && (got = read(fd, text + *length, (size_t)status.st_size - *length)) > 0)
        *length += (size_t)got;
    return hf_steal(text, NULL);
}

bool world_read_cells(const char *path, struct cell_list *list)
{
    struct cells_error error;
    size_t length = 0;
    hf_autofree char *text = read_file(path, &length);

    if (!text) {
        fprintf(stderr, "cannot read %s: %s\n", path, strerror(errno));
        return false;
    }
    if (cells_parse(text, length, list, &error))
        return true;
    fprintf(stderr, "%s:%zu: %s\n", path, error.line, error.message);
    return false;
}
