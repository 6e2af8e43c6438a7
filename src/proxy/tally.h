/* What was denied, and what would have been but for an audit, counted by place and reason: a table of fixed size in memory that the proxy shares with its keeper, so that
 * it is there whatever becomes of the proxy. */
#ifndef HF_PROXY_TALLY_H
#define HF_PROXY_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/tell.h"

#define HF_TALLY_MAX 64

struct hf_denied {
    char host[HF_TARGET_HOST_SIZE]; /* "" where the head was refused before there was one */
    uint16_t port;
    char reason[512];
    char remedy[512]; /* "" where there is none */
    bool is_audited; /* it was let through */
    uint64_t count;
};

struct hf_tally {
    struct hf_denied items[HF_TALLY_MAX]; /* in the order in which they came first, up to one whose count is 0 */
    uint64_t others;                      /* denials of places and reasons that the table had no room for, */
    uint64_t others_audited;              /* and what an audit let through */
};

/* All zero. NULL with errno. */
struct hf_tally *hf_tally_new(void);

/* One whose verdict is "deny" or "audit". */
void hf_tally_add(struct hf_tally *tally, const struct hf_decision *decision);

void hf_tally_free(struct hf_tally *tally);

#endif
