/* Names to addresses by the system's own resolver, without holding up whoever asks: a few threads, an event
 * descriptor for the answers. */
#ifndef HF_PROXY_RESOLVE_H
#define HF_PROXY_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/address.h"

#define HF_ADDRESSES_MAX 32

struct hf_resolver;

/* One question, and once it came out of hf_resolver_next, its answer. */
struct hf_lookup {
    struct hf_lookup *next;
    void *owner;     /* whoever asked; NULL once forgotten */
    int error;       /* getaddrinfo's, 0 for an answer */
    int errnum;      /* errno where error is EAI_SYSTEM */
    bool overflow;   /* there were more than HF_ADDRESSES_MAX: the list is not whole */
    size_t count;
    union hf_address addresses[HF_ADDRESSES_MAX]; /* without a port */
    char host[];
};

/* Starts no thread yet. NULL with errno. */
struct hf_resolver *hf_resolver_new(void);

/* Readable when answers wait. */
int hf_resolver_fd(const struct hf_resolver *resolver);

/* Asks for a name. NULL when there is no memory or no thread to be had. The lookup belongs to the resolver until
 * hf_resolver_next hands it out. */
struct hf_lookup *hf_resolver_ask(struct hf_resolver *resolver, const char *host, void *owner);

/* Nobody waits for this lookup any more: it never comes out of hf_resolver_next. */
void hf_resolver_forget(struct hf_resolver *resolver, struct hf_lookup *lookup);

/* The next answer, which the caller frees, or NULL. */
struct hf_lookup *hf_resolver_next(struct hf_resolver *resolver);

/* Ends the threads; one that is inside of getaddrinfo is waited for only briefly, and cleans up after itself later. */
void hf_resolver_free(struct hf_resolver *resolver);

#endif
