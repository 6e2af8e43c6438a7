/* Who asks, found out by a process apart: it may look into other processes, and the one that reads what strangers send may not.
 * Questions and answers go over a SOCK_SEQPACKET pair, one at a time. */
#ifndef HF_WHO_APART_H
#define HF_WHO_APART_H

#include <netinet/in.h>
#include <stdint.h>

#include "who/who.h"

struct hf_ends {
    struct sockaddr_in client, proxy;
};

#define HF_APART_ANY SIZE_MAX /* no network: who it is is all that is asked */

/* Is who has the client's end admitted by the policy's network of that number? False too where nobody answers. `is_same`: as
 * asked last, so that it is not looked again. */
bool hf_apart_ask(int door, const struct hf_ends *ends, bool is_same, size_t network, struct hf_asker *asker);

/* Has it go by another policy, a message of src/wire. False with errno where it does not, or nobody answers. */
bool hf_apart_change(int door, const char *bytes, size_t length);

#endif
