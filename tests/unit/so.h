/* For a test in a process of its own, which cmocka does not look into: it ends with the line of what was not so first. */
#ifndef HF_TESTS_UNIT_SO_H
#define HF_TESTS_UNIT_SO_H

#define SO(condition) \
    do { \
        if (!(condition)) \
            return __LINE__; \
    } while (0)

#endif
