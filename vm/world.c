/* The world of the cells: mounts, loopback, process ids, and the list. */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

static bool loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    hf_autoclose int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0)
        return true;
    fprintf(stderr, "cannot bring loopback up: %s\n", strerror(errno));
    return false;
}

bool world_prepare(void)
{
    if (!world_mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") ||
        !world_mount("run", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") ||
        !world_mount("mnt", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"))
        return false;
    if (mkdir(CELL_DIRECTORY, 0755) < 0) {
        perror("cannot make " CELL_DIRECTORY);
        return false;
    }
    world_sysctl("/proc/sys/kernel/ns_last_pid",
                 "1000"); /* CONFIG_CHECKPOINT_RESTORE; where it is not, ids begin low */
    return loopback_up();
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
