/* spawn COUNT COMMAND... [+ COMMAND...]...: starts the commands, COUNT times each, and prints a line a command: the
 * microseconds that each of its starts took, from before it is spawned to its end. All of them in every round, so that
 * whatever else the machine does falls upon all alike, and in another order each time: the kernel still takes the last one's
 * namespaces apart when the next begins. Standard error is thrown away: a terminal would be timed, too. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MOST 8

static double now_microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double time_one(char **command, const posix_spawn_file_actions_t *streams)
{
    const double begun = now_microseconds();
    double took;
    pid_t child;
    int status;

    if (posix_spawnp(&child, command[0], streams, NULL, command, environ) != 0 || waitpid(child, &status, 0) != child)
        status = -1;
    took = now_microseconds() - begun;
    if (status != 0) {
        fprintf(stderr, "spawn: %s: status %d\n", command[0], status);
        exit(1);
    }
    return took;
}

/* The same sequence of orders in each run: rand(3) is not seeded. */
static void shuffle(size_t *order, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        const size_t other = (size_t)rand() % i, last = order[i - 1];

        order[i - 1] = order[other];
        order[other] = last;
    }
}

int main(int argc, char **argv)
{
    char **commands[COMMANDS_MOST];
    double *took[COMMANDS_MOST];
    posix_spawn_file_actions_t streams;
    const int count = argc > 2 ? atoi(argv[1]) : 0;
    size_t order[COMMANDS_MOST], commands_count = 0;

    for (int i = 1; i < argc && commands_count < COMMANDS_MOST; i++)
        if (i == 1 || strcmp(argv[i], "+") == 0) {
            if (i > 1)
                argv[i] = NULL;
            order[commands_count] = commands_count;
            commands[commands_count] = &argv[i + 1];
            took[commands_count] = calloc((size_t)count + 1, sizeof(double));
            if (!took[commands_count++])
                return 1;
        }
    if (posix_spawn_file_actions_init(&streams) != 0 ||
        posix_spawn_file_actions_addopen(&streams, STDERR_FILENO, "/dev/null", O_WRONLY, 0) != 0)
        return 1;
    for (int turn = 0; turn < count; turn++) {
        shuffle(order, commands_count);
        for (size_t i = 0; i < commands_count; i++)
            took[order[i]][turn] = time_one(commands[order[i]], &streams);
    }
    for (size_t i = 0; i < commands_count; i++)
        for (int turn = 0; turn < count; turn++)
            printf("%.1f%c", took[i][turn], turn + 1 < count ? ' ' : '\n');
    return 0;
}
