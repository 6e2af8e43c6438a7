/* The proxy's own parts: the server that runs the loop, and the connections in it. Not for the rest of the runtime. */
#ifndef HF_PROXY_SERVER_H
#define HF_PROXY_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "proxy/admission.h"
#include "proxy/judge.h"
#include "proxy/proxy.h"
#include "proxy/relay.h"
#include "proxy/recent.h"
#include "proxy/resolve.h"
#include "proxy/rules.h"

/* What a connection is waiting for. Each has a time limit of its own. */
enum hf_connection_state {
    HF_CONNECTION_HEAD,    /* the request */
    HF_CONNECTION_RESOLVE, /* the resolver */
    HF_CONNECTION_DIAL,    /* one address */
    HF_CONNECTION_SHAKE,   /* the handshakes where TLS ends here, or the rest of a request's head in there */
    HF_CONNECTION_TUNNEL,  /* anything to happen */
    HF_CONNECTION_REPLY,   /* the client to take its refusal and leave */
    HF_CONNECTION_STATES,
};

struct hf_proxy_limits {
    int64_t ms[HF_CONNECTION_STATES];
    int64_t dial_all_ms; /* for all the addresses of a host together */
    unsigned connections;
    unsigned terminated; /* of them, at which TLS ends: each has memory for two sides of it */
    unsigned wide;       /* of these, HTTP/2 with wide windows */
    unsigned pipes; /* at most, for ways that are held up */
};

struct hf_server;
struct hf_connection;

enum hf_watch_kind {
    HF_WATCH_LISTENER,
    HF_WATCH_STOP,
    HF_WATCH_RESOLVER,
    HF_WATCH_CONTROL,
    HF_WATCH_VISITOR,
    HF_WATCH_CLIENT,
    HF_WATCH_UPSTREAM,
};

struct hf_visitor;

/* What an epoll event points to. */
struct hf_watch {
    enum hf_watch_kind kind;
    union {
        struct hf_connection *connection;
        struct hf_visitor *visitor;
    };
};

TAILQ_HEAD(hf_connections, hf_connection);
TAILQ_HEAD(hf_visitors, hf_visitor);

struct hf_connection {
    struct hf_server *server;
    uint64_t id;
    enum hf_connection_state state;
    bool dead;              /* closed, to be freed when the batch of events is through */
    bool queued;            /* in the server's `ready` */
    int64_t began;          /* when it was accepted, */
    int64_t dial_began;     /* first dialled, */
    int64_t deadline;       /* and is given up; all in CLOCK_MONOTONIC's milliseconds */
    TAILQ_ENTRY(hf_connection) by_time; /* in the server's `waiting` of its state, or in `dead` */
    TAILQ_ENTRY(hf_connection) by_turn; /* in the server's `ready` */
    struct hf_watch client_watch, upstream_watch;
    struct hf_end client, upstream;
    struct hf_way up, down; /* client to upstream, and back */
    char *head;             /* HF_HEAD_LIMIT bytes, until the tunnel or the refusal */
    size_t head_length;     /* of them filled; what is behind `tunnel_from` is for the tunnel */
    size_t tunnel_from;
    size_t drained; /* bytes thrown away after a refusal */
    bool forward; /* no CONNECT: one request, whose body is `body`, is passed on */
    struct hf_body body, answer; /* of the request; and of one for a WebSocket that is refused by its server */
    bool audited; /* let through though denied */
    struct hf_target target;
    struct hf_rules *rules; /* by which it was decided last, and into which `match` points; NULL: it has not asked yet */
    struct hf_match match;
    struct hf_admission *admission; /* or NULL */
    struct hf_inner *inner;         /* of the tunnel, where TLS ends here; else NULL */
    struct hf_upgrade *upgrade;     /* a request for a WebSocket waits for its answer; else NULL */
    struct hf_lookup *lookup; /* being asked while in RESOLVE; the checked addresses while in DIAL */
    size_t dialled;           /* how many of them have been tried, or are being tried */
    int dial_error;           /* of the last one */
    char address[HF_ADDRESS_TEXT_MAX]; /* the one that the tunnel goes to */
};

struct hf_server {
    const struct hf_proxy *proxy; /* what it was started with */
    struct hf_rules *rules;       /* in force */
    struct hf_proxy_limits limits;
    int epoll;
    struct hf_watch listener_watch, stop_watch, resolver_watch, control_watch;
    struct hf_resolver *resolver;
    struct hf_connections waiting[HF_CONNECTION_STATES]; /* each in the order of its deadlines */
    struct hf_connections ready;                         /* have more to move, without an event */
    struct hf_connections dead;
    struct hf_visitors visitors; /* at the control socket, in the order of their deadlines */
    unsigned visitor_count;
    bool receiving;        /* more of them */
    int64_t receive_again; /* as accept_again */
    uint64_t updates;      /* that were put in force */
    struct hf_recent recent;
    unsigned connections, terminated, wide; /* as in `limits` */
    bool accepting;
    int64_t accept_again; /* after running out of something: when to try, whether or not a connection has closed */
    uint64_t next_id;
    uint64_t unlogged; /* lines that the log had no room for */
    int64_t now;
    struct hf_pipes pipes;
    char scratch[HF_RELAY_BUFFER];
};

/* hf_proxy_serve with limits of one's own. */
int hf_proxy_serve_within(const struct hf_proxy *proxy, const struct hf_proxy_limits *limits);

/* The limits that hf_proxy_serve uses, the number of connections by RLIMIT_NOFILE. */
struct hf_proxy_limits hf_proxy_default_limits(void);

/* serve.c, for connection.c */
bool hf_server_watch(struct hf_server *server, int fd, struct hf_watch *watch, uint32_t events);
void hf_server_log(struct hf_server *server, const struct hf_event *event, const struct hf_decision *decision);
void hf_server_log_update(struct hf_server *server, const struct hf_update_told *update); /* both where there is a log */
int64_t hf_server_date(void); /* milliseconds since 1970 */
void hf_server_turn(struct hf_connection *connection); /* give it another turn soon */
void hf_server_wait(struct hf_connection *connection, enum hf_connection_state state); /* starts the state's time */
void hf_server_closed(struct hf_connection *connection); /* takes it out of everything; it is freed a little later */

/* connection.c, for serve.c */
bool hf_connection_open(struct hf_server *server, int fd); /* takes fd when true */
void hf_connection_event(struct hf_watch *watch, uint32_t events);
void hf_connection_answer(struct hf_lookup *lookup); /* takes the lookup */
void hf_connection_continue(struct hf_connection *connection);
void hf_connection_expire(struct hf_connection *connection);

/* connection.c, for inner.c */
void hf_connection_decide(struct hf_connection *connection, struct hf_decision *decision); /* tells the log and the tally */
void hf_connection_drain(struct hf_connection *connection, const char *reason); /* all is said: waits for the client to go */

/* Where other rules are in force than the connection was let through by, asks them: may it go to this address? True when it
 * goes by them from now on, or has all the time; else the judgement is a 403, and it has its old ones still. */
bool hf_connection_follow_rules(struct hf_connection *connection, const union hf_address *address,
                                struct hf_judgement *judgement);

void hf_connection_close(struct hf_connection *connection, bool abort, const char *reason);

/* control.c, for serve.c: somebody is at the control socket, is heard further, or has taken too long */
bool hf_control_begin(struct hf_server *server); /* with errno where it is false */
void hf_control_accept(struct hf_server *server);
void hf_control_hear(struct hf_visitor *visitor);
void hf_control_expire(struct hf_server *server);
int64_t hf_control_deadline(const struct hf_server *server); /* when that is to be called next; INT64_MAX: never */
void hf_control_end(struct hf_server *server);

#endif
