/* What was denied lately, for who looks on: a table of fixed size, the oldest making room. Pure. */
#ifndef HF_PROXY_RECENT_H
#define HF_PROXY_RECENT_H

#include "proxy/tell.h"

#define HF_RECENT_MAX 16

struct hf_recent_denial {
    int64_t time;   /* of the last one, in the caller's milliseconds */
    uint64_t count; /* of the same place, program and reason; 0: there is none */
    bool is_audited;
    uint16_t port;
    int process; /* of the last one; 0 where it is not known */
    char host[HF_TARGET_HOST_SIZE]; /* "" where the head was refused before there was one */
    char program[HF_ASKER_PROGRAM_MAX];
    char reason[512];
};

struct hf_recent {
    struct hf_recent_denial items[HF_RECENT_MAX];
    uint64_t total; /* those that made room, too */
};

/* One whose verdict is "deny" or "audit". */
void hf_recent_add(struct hf_recent *recent, const struct hf_decision *decision, int64_t time);

/* Those that there are, the last one first. Returns how many. */
size_t hf_recent_list(const struct hf_recent *recent, const struct hf_recent_denial *list[static HF_RECENT_MAX]);

#endif
