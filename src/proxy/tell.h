/* What the proxy says: to its client as a response with a JSON body, to its keeper as a line of JSON. */
#ifndef HF_PROXY_TELL_H
#define HF_PROXY_TELL_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/match.h"
#include "who/who.h"

/* Big enough for every part at its longest and every byte of it escaped, but the policy's key, which is cut. Within
 * PIPE_BUF, so that a line on a pipe is written whole or not at all (pipe(7)). */
#define HF_TELL_MAX 4096

/* What was decided about one request, and how it ended. */
struct hf_decision {
    const char *host; /* NULL where the head was refused before there was one */
    uint16_t port;
    const char *address; /* dialled or refused, in numbers, or NULL */
    const struct hf_asker *asker; /* or NULL where it was not asked who it is */
    const char *rule;    /* the key under network_policies, or NULL */
    const char *method;  /* of a request that rules were asked of, or NULL */
    const char *path;    /* its canonical path, cut, without the query, which may have secrets; or NULL */
    const char *by;      /* which of the endpoint's rules decided: "deny_rules (line 12)", or NULL */
    const char *verdict; /* "allow", "audit": denied and let through all the same, "deny", or "error": allowed, and then
                          * not reached */
    const char *failed;  /* "request", "host", "port", "program", "address", "method", "path", "query", "deny_rules",
                          * "resolve", "connect", "proxy", or NULL */
    const char *reason;
    const char *remedy; /* or NULL */
    int status;         /* what the client was answered */
};

/* Writes the whole response, head and body, and returns its length. The client is told that the connection ends. */
size_t hf_tell_client(char text[static HF_TELL_MAX], const struct hf_decision *decision);

/* One line for the log: the decision. */
size_t hf_tell_decision(char line[static HF_TELL_MAX], uint64_t id, const struct hf_decision *decision, int64_t ms);

/* One line for the log: the end of a tunnel that had been allowed. */
size_t hf_tell_close(char line[static HF_TELL_MAX], uint64_t id, const struct hf_decision *decision, const char *end,
                     uint64_t bytes_up, uint64_t bytes_down, int64_t ms);

#endif
