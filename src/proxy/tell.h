/* What the proxy says: to its client as a response with a JSON body, to its keeper as a line of JSON. */
#ifndef HF_PROXY_TELL_H
#define HF_PROXY_TELL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proxy/match.h"
#include "who/who.h"

/* Big enough for every part at its longest and every byte of it escaped, but the policy's key, which is cut. Within
 * PIPE_BUF, so that a line on a pipe is written whole or not at all (pipe(7)). */
#define HF_TELL_MAX 4096
#define HF_TELL_KEY_MAX 768 /* of a policy's key, as it is written */

/* What a line of the log looks like: ours, or ocsf.h's. */
enum hf_log_format { HF_LOG_PLAIN, HF_LOG_OCSF };

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

/* What a line is about, beside the decision: that one was made, or what became of the connection that it let through. */
struct hf_event {
    int64_t time;     /* milliseconds since 1970 */
    uint64_t id;      /* of the connection */
    const char *end;  /* why it has ended; NULL: something was decided */
    bool is_cut;      /* it ended by a reset */
    uint64_t bytes_up, bytes_down; /* that went through it so far */
    int64_t ms;       /* since it was accepted */
};

/* One line for the log. */
size_t hf_tell_event(char line[static HF_TELL_MAX], const struct hf_event *event, const struct hf_decision *decision);

/* In the place of so many lines that the log had no room for. */
size_t hf_tell_unlogged(char line[static HF_TELL_MAX], int64_t time, uint64_t lines);

/* Somebody outside had other networks put in force, or was refused that for so many reasons. */
struct hf_update_told {
    int64_t time; /* as in struct hf_event */
    uid_t user;
    pid_t process;
    size_t reasons;
};

/* One line for the log. */
size_t hf_tell_update(char line[static HF_TELL_MAX], const struct hf_update_told *update);

#endif
