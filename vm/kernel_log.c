/* The kernel's log (Documentation/ABI/testing/dev-kmsg): a read gives one record, "PRIORITY,...;TEXT\n", then lines of
 * its properties. A priority is facility * 8 + level (syslog(3)); what a process writes there has never facility 0. */
#include "kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define RECORD_MAX 8192

int kernel_log_open(void)
{
    return open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static size_t append(char *text, size_t room, const char *record)
{
    const char *message = strchr(record, ';');
    const size_t length = message ? strcspn(message + 1, "\n") : 0;

    if (!message || strtoul(record, NULL, 10) > LOG_WARNING || length + 1 > room)
        return 0;
    memcpy(text, message + 1, length);
    text[length] = '\n';
    return length + 1;
}

size_t kernel_log_take(int fd, char *text, size_t room)
{
    char record[RECORD_MAX + 1];
    size_t length = 0;

    for (;;) {
        const ssize_t got = read(fd, record, RECORD_MAX);

        /* EPIPE: records were overwritten before they were read, and the next read goes on behind them. */
        if (got < 0 && (errno == EPIPE || errno == EINTR))
            continue;
        if (got <= 0)
            return length;
        record[got] = '\0';
        length += append(text + length, room - length, record);
    }
}
