/* getaddrinfo has no time limit and no way to be called off, so it is called on threads of its own: at most four, started
 * when they are first needed. A question that nobody waits for any more is dropped where it is queued, and its answer
 * thrown away where it is already being asked. */
#include "proxy/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <resolv.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 4
#define FAREWELL_MS 200 /* how long hf_resolver_free waits for a thread */

struct queue {
    struct hf_lookup *first;
    struct hf_lookup **last;
};

struct hf_resolver {
    pthread_mutex_t lock; /* guards everything below it */
    pthread_cond_t wanted;
    struct queue asked;
    struct queue answered;
    unsigned idle;
    unsigned users; /* threads, and whoever called hf_resolver_new: the last one frees this */
    bool closing;
    pthread_t threads[THREADS_MAX];
    unsigned thread_count;
    int answers; /* an eventfd */
};

static void append(struct queue *queue, struct hf_lookup *lookup)
{
    lookup->next = NULL;
    *queue->last = lookup;
    queue->last = &lookup->next;
}

static struct hf_lookup *take(struct queue *queue)
{
    struct hf_lookup *lookup = queue->first;

    if (lookup) {
        queue->first = lookup->next;
        if (!queue->first)
            queue->last = &queue->first;
    }
    return lookup;
}

static bool drop(struct queue *queue, const struct hf_lookup *lookup)
{
    for (struct hf_lookup **link = &queue->first; *link; link = &(*link)->next) {
        if (*link != lookup)
            continue;
        *link = lookup->next;
        if (queue->last == &lookup->next)
            queue->last = link;
        return true;
    }
    return false;
}

static void release(struct hf_resolver *resolver)
{
    struct hf_lookup *lookup;
    bool last;

    pthread_mutex_lock(&resolver->lock);
    last = --resolver->users == 0;
    pthread_mutex_unlock(&resolver->lock);
    if (!last)
        return;
    while ((lookup = take(&resolver->asked)))
        free(lookup);
    while ((lookup = take(&resolver->answered)))
        free(lookup);
    pthread_cond_destroy(&resolver->wanted);
    pthread_mutex_destroy(&resolver->lock);
    close(resolver->answers);
    free(resolver);
}

/* Keeps the name the one that the policy was asked about: with the search list of resolv.conf a name that is not there
 * would be tried again under the organisation's own domain. A name of one label has no other meaning, and keeps it.
 * resolv.conf is read again because glibc no longer does it by itself once options are set (resolver(3)). */
static void set_search(const char *host)
{
    if (_res.options & RES_INIT)
        res_nclose(&_res); /* which res_ninit does not, and what it held would be lost */
    if (res_ninit(&_res) != 0)
        return;
    if (strchr(host, '.'))
        _res.options &= ~(unsigned long)(RES_DNSRCH | RES_DEFNAMES);
}

static void look_up(struct hf_lookup *lookup)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;

    set_search(lookup->host);
    lookup->error = getaddrinfo(lookup->host, NULL, &hints, &list);
    lookup->errnum = lookup->error == EAI_SYSTEM ? errno : 0;
    if (lookup->error)
        return;
    for (const struct addrinfo *item = list; item; item = item->ai_next) {
        if (lookup->count == HF_ADDRESSES_MAX) {
            lookup->overflow = true;
            break;
        }
        if (item->ai_addrlen <= sizeof(lookup->addresses[0]))
            memcpy(&lookup->addresses[lookup->count++], item->ai_addr, item->ai_addrlen);
    }
    freeaddrinfo(list);
}

static void *serve(void *argument)
{
    struct hf_resolver *resolver = argument;
    const uint64_t one = 1;

    pthread_mutex_lock(&resolver->lock);
    while (!resolver->closing) {
        struct hf_lookup *lookup = take(&resolver->asked);

        if (!lookup) {
            resolver->idle++;
            pthread_cond_wait(&resolver->wanted, &resolver->lock);
            resolver->idle--;
            continue;
        }
        pthread_mutex_unlock(&resolver->lock);
        look_up(lookup);
        pthread_mutex_lock(&resolver->lock);
        if (!lookup->owner) {
            free(lookup);
            continue;
        }
        append(&resolver->answered, lookup);
        /* The counter cannot overflow; there is nothing to do about any other failure. */
        if (write(resolver->answers, &one, sizeof(one)) < 0)
            continue;
    }
    pthread_mutex_unlock(&resolver->lock);
    release(resolver);
    return NULL;
}

/* One more thread, with every signal blocked: they are for the thread that runs the loop. Called with the lock held. */
static bool start_thread(struct hf_resolver *resolver)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&resolver->threads[resolver->thread_count], NULL, serve, resolver);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return false;
    resolver->thread_count++;
    resolver->users++;
    return true;
}

struct hf_resolver *hf_resolver_new(void)
{
    struct hf_resolver *resolver = calloc(1, sizeof(*resolver));

    if (!resolver)
        return NULL;
    resolver->answers = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (resolver->answers < 0) {
        free(resolver);
        return NULL;
    }
    pthread_mutex_init(&resolver->lock, NULL);
    pthread_cond_init(&resolver->wanted, NULL);
    resolver->asked.last = &resolver->asked.first;
    resolver->answered.last = &resolver->answered.first;
    resolver->users = 1;
    return resolver;
}

int hf_resolver_fd(const struct hf_resolver *resolver)
{
    return resolver->answers;
}

struct hf_lookup *hf_resolver_ask(struct hf_resolver *resolver, const char *host, void *owner)
{
    size_t size = strlen(host) + 1;
    struct hf_lookup *lookup = calloc(1, sizeof(*lookup) + size);
    bool can;

    if (!lookup)
        return NULL;
    memcpy(lookup->host, host, size);
    lookup->owner = owner;
    pthread_mutex_lock(&resolver->lock);
    can = resolver->idle > 0 && !resolver->asked.first;
    if (!can && resolver->thread_count < THREADS_MAX)
        start_thread(resolver);
    can = resolver->thread_count > 0;
    if (can) {
        append(&resolver->asked, lookup);
        pthread_cond_signal(&resolver->wanted);
    }
    pthread_mutex_unlock(&resolver->lock);
    if (!can)
        free(lookup);
    return can ? lookup : NULL;
}

void hf_resolver_forget(struct hf_resolver *resolver, struct hf_lookup *lookup)
{
    bool ours;

    pthread_mutex_lock(&resolver->lock);
    ours = drop(&resolver->asked, lookup) || drop(&resolver->answered, lookup);
    if (!ours)
        lookup->owner = NULL; /* a thread has it, and frees it */
    pthread_mutex_unlock(&resolver->lock);
    if (ours)
        free(lookup);
}

struct hf_lookup *hf_resolver_next(struct hf_resolver *resolver)
{
    struct hf_lookup *lookup;
    uint64_t count;

    pthread_mutex_lock(&resolver->lock);
    lookup = take(&resolver->answered);
    if (!resolver->answered.first && read(resolver->answers, &count, sizeof(count)) < 0 && errno != EAGAIN)
        errno = 0;
    pthread_mutex_unlock(&resolver->lock);
    return lookup;
}

void hf_resolver_free(struct hf_resolver *resolver)
{
    struct timespec until;

    pthread_mutex_lock(&resolver->lock);
    resolver->closing = true;
    pthread_cond_broadcast(&resolver->wanted);
    pthread_mutex_unlock(&resolver->lock);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += FAREWELL_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    for (unsigned i = 0; i < resolver->thread_count; i++)
        if (pthread_timedjoin_np(resolver->threads[i], NULL, &until) != 0)
            pthread_detach(resolver->threads[i]);
    release(resolver);
}
