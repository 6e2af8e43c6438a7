/* Asking for the controlling terminal. */
#include "launch/terminal.h"

#include <fcntl.h>
#include <unistd.h>

bool hf_terminal_is_there(void)
{
    const int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

    return fd >= 0 && close(fd) == 0;
}
