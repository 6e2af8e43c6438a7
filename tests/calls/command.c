/* What the traced starts run: it ends as it is told, or waits. Static, so that the way to it is the same on every machine. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    const int number = argc > 2 ? atoi(argv[2]) : 0;

    if (argc > 1 && strcmp(argv[1], "raise") == 0)
        raise(number);
    while (argc > 1 && strcmp(argv[1], "wait") == 0)
        pause();
    return number;
}
