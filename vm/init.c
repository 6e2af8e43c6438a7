/* The first process of the guest: mounts what a system has, runs the cells of /cells, writes their results to the memory
 * that it shares with the host, or to the second serial port where there is none, and powers off. Linked statically: it
 * runs whatever the image holds. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <termios.h>
#include <unistd.h>

#include "cell_run.h"
#include "cells.h"
#include "kernel_log.h"
#include "world.h"

#define CELLS "/cells"
#define RESULTS "/dev/ttyS1"
#define ROOT_ROOM (16U << 20)

static const struct {
    const char *target;
    const char *type;
    unsigned long flags;
    const char *data;
    bool optional; /* a kernel may be without */
} mounts[] = {
    {"/dev", "devtmpfs", MS_NOSUID, "mode=0755,size=1m", false},
    {"/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=0620,gid=5", false},
    {"/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, false},
    {"/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, false},
    {"/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, true},
    {"/sys/kernel/security", "securityfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, true},
};

static const struct {
    const char *link;
    const char *target;
} links[] = {
    {"/dev/fd", "/proc/self/fd"},
    {"/dev/stdin", "/proc/self/fd/0"},
    {"/dev/stdout", "/proc/self/fd/1"},
    {"/dev/stderr", "/proc/self/fd/2"},
};

/* What would make a cell's attempt fail for another reason than the sandbox, and what makes it slow. Kernels that have
 * not one do not need it. */
static const struct {
    const char *path;
    const char *value;
} sysctls[] = {
    {"/proc/sys/dev/tty/legacy_tiocsti", "1"}, /* else TIOCSTI is denied to everybody, from 6.2 on */
    {"/proc/sys/kernel/dmesg_restrict", "0"},  /* else the log is for CAP_SYSLOG alone */
    {"/proc/sys/kernel/unprivileged_userns_clone", "1"},
    {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "0"},
    {"/proc/sys/user/max_user_namespaces", "4096"},
    /* Software emulation keeps translated code by address: where libraries lie elsewhere in every process, each start
     * translates the loader and libc anew (22 ms for /bin/true instead of 6, 7.3 under QEMU 7.2). */
    {"/proc/sys/kernel/randomize_va_space", "0"},
};

static bool make_directory(const char *path)
{
    if (mkdir(path, 0755) == 0 || errno == EEXIST)
        return true;
    fprintf(stderr, "init: cannot make %s: %s\n", path, strerror(errno));
    return false;
}

/* An initramfs without /dev/console starts this process with no descriptor at all. */
static void take_console(void)
{
    const int fd = open("/dev/console", O_RDWR | O_NOCTTY);

    for (int i = 0; i < 3 && fd >= 0; i++)
        dup2(fd, i);
    if (fd > 2)
        close(fd);
}

static bool mount_all(void)
{
    static const char *const points[] = {"/dev", "/proc", "/sys", "/tmp", "/run", "/mnt"};

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        if (!make_directory(points[i]))
            return false;
    for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
        /* Below /dev directories are made; below /sys they are there, if the kernel has what belongs on them. */
        if (strncmp(mounts[i].target, "/dev/", 5) == 0 && !make_directory(mounts[i].target))
            return false;
        if (mounts[i].optional && access(mounts[i].target, F_OK) < 0)
            continue;
        /* A kernel may have mounted /dev by itself (CONFIG_DEVTMPFS_MOUNT). */
        if (mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags, mounts[i].data) < 0 &&
            errno != EBUSY) {
            fprintf(stderr, "init: cannot mount %s on %s: %s\n", mounts[i].type, mounts[i].target, strerror(errno));
            if (!mounts[i].optional)
                return false;
        }
        if (i == 0)
            take_console();
    }
    return true;
}

/* A cell that fills the root filesystem must not fill the memory. A ramfs has no limit: there such a cell ends the
 * guest. */
static void limit_root(void)
{
    struct statvfs root;
    char size[64];

    if (statvfs("/", &root) < 0)
        return;
    snprintf(size, sizeof(size), "size=%lu", (root.f_blocks - root.f_bfree) * root.f_bsize + ROOT_ROOM);
    mount(NULL, "/", NULL, MS_REMOUNT, size);
}

static bool prepare(void)
{
    if (!mount_all())
        return false;
    limit_root();
    if (!make_directory("/dev/shm"))
        return false;
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        (void)!symlink(links[i].target, links[i].link);
    for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++)
        world_sysctl(sysctls[i].path, sysctls[i].value);
    return world_prepare();
}

/* Bytes as they are: no newline becomes two, nothing is echoed (termios(3)). */
static int open_results(void)
{
    const int fd = open(RESULTS, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios mode;

    if (fd < 0 || tcgetattr(fd, &mode) < 0) {
        fprintf(stderr, "init: cannot use %s: %s\n", RESULTS, strerror(errno));
        return -1;
    }
    cfmakeraw(&mode);
    cfsetspeed(&mode, B115200);
    mode.c_cflag |= CLOCAL;
    if (tcsetattr(fd, TCSANOW, &mode) < 0) {
        fprintf(stderr, "init: cannot set up %s: %s\n", RESULTS, strerror(errno));
        return -1;
    }
    return fd;
}

static bool run(void)
{
    struct result_sink results = {.fd = -1, .kernel_log = -1};
    struct cell_list list;
    bool done;

    if (!prepare() || !world_read_cells(CELLS, &list))
        return false;
    results.kernel_log = kernel_log_open();
    results.ring = result_ring_open();
    if (!results.ring && (results.fd = open_results()) < 0)
        return false;
    done = cells_run(&list, results, true);
    if (results.fd >= 0)
        tcdrain(results.fd);
    return done;
}

int main(void)
{
    if (getpid() != 1) {
        fputs("init: to be run as the first process of a guest\n", stderr);
        return 2;
    }
    if (!run())
        fputs("init: failed, nothing more is run\n", stderr);
    sync();
    reboot(RB_POWER_OFF);
    fprintf(stderr, "init: cannot power off: %s\n", strerror(errno));
    for (;;)
        pause();
}
