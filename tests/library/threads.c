/* A caller with threads. */
#include "caller.h"

#include <pthread.h>
#include <string.h>

static void *start_and_leave(void *slot)
{
    *(struct started *)slot = start_ready(&usual, "echo; sleep 0.5; exit 6");
    return NULL;
}

static void thread_that_started_may_end(void)
{
    struct started it;
    pthread_t thread;

    HOLDS(pthread_create(&thread, NULL, start_and_leave, &it) == 0 && pthread_join(thread, NULL) == 0);
    ends_with(&it, HF_EXIT_EXITED, 6);
}

static _Atomic bool busy = true;

/* Locks that a fork must not find held: those of the heap and of streams. */
static void *work(void *unused)
{
    FILE *null = fopen("/dev/null", "w");

    HOLDS(null);
    while (busy) {
        void *block = malloc(1000);

        fprintf(null, "%p %s\n", block, strerror(EINVAL));
        free(block);
    }
    fclose(null);
    return unused;
}

static void *start_many(void *policy)
{
    static const struct hf_options proxy = {.mode = "proxy"};

    for (int i = 0; i < 10; i++) {
        char *const argv[] = {"true", NULL};
        struct hf_sandbox *sandbox = hf_sandbox_new(policy, i % 2 ? &usual : &proxy, sizeof(usual));
        struct hf_error error;
        struct hf_exit ended;

        HOLDS(sandbox && hf_sandbox_start(sandbox, argv, &error) && hf_sandbox_wait(sandbox, &ended, &error));
        HOLDS(ended.kind == HF_EXIT_EXITED && ended.status == 0);
        hf_sandbox_free(sandbox);
    }
    return NULL;
}

static void many_threads_start_while_others_work(void)
{
    struct hf_policy *policy = hf_policy_load(NULL);
    pthread_t starting[4], working[4];
    pthread_attr_t small;

    HOLDS(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, 256 * 1024) == 0);
    for (int i = 0; i < 4; i++)
        HOLDS(pthread_create(&working[i], NULL, work, NULL) == 0 &&
              pthread_create(&starting[i], &small, start_many, policy) == 0);
    for (int i = 0; i < 4; i++)
        HOLDS(pthread_join(starting[i], NULL) == 0);
    busy = false;
    for (int i = 0; i < 4; i++)
        HOLDS(pthread_join(working[i], NULL) == 0);
    hf_policy_unload(policy);
}

const struct test_case thread_cases[] = {
    CASE(thread_that_started_may_end),
    CASE(many_threads_start_while_others_work),
    {NULL, NULL},
};
