/* Tests in a process of their own, which cmocka does not look into: it ends with the line of what was not so first. */
#ifndef HF_TESTS_UNIT_SO_H
#define HF_TESTS_UNIT_SO_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CANNOT (-1) /* be tried here */
#define STATUS_CANNOT 77

#define SO(condition) \
    do { \
        if (!(condition)) \
            return __LINE__; \
    } while (0)

/* `what` returns 0, the line of what was not so, or CANNOT: then the test is skipped. */
static inline void in_a_child(int (*what)(int argument), int argument)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        const int line = what(argument);

        if (line > 0)
            fprintf(stderr, "%s:%d with %d\n", __BASE_FILE__, line, argument);
        for (int fd = 0; fd < 256; fd++)
            close(fd); /* or they would be leaked ones to valgrind */
        _exit(line == CANNOT ? STATUS_CANNOT : line != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_CANNOT)
        skip();
    assert_int_equal(status, 0);
}

#endif
