/* "The outside": what a sandboxed command must not reach, kept by the one who runs the cells and served from its poll
 * loop. HTTP servers and UDP sockets that answer, on loopback and on the address of world.h, UNIX listeners (abstract, and
 * by path), and a process to be signalled. */
#ifndef HF_VM_OUTSIDE_H
#define HF_VM_OUTSIDE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define OUTSIDE_SOCKET "/run/hf-outside.sock"
#define OUTSIDE_DATAGRAMS "/run/hf-outside.dgram"
#define OUTSIDE_SOCKETS 10
#define OUTSIDE_CONNECTIONS 16
#define OUTSIDE_POLLFDS (OUTSIDE_SOCKETS + OUTSIDE_CONNECTIONS)

struct outside {
    int sockets[OUTSIDE_SOCKETS];
    struct outside_connection {
        int fd; /* -1: free */
        size_t got;
        char request[2048];
    } connections[OUTSIDE_CONNECTIONS];
    pid_t target; /* 0: none */
    uid_t target_uid;
    gid_t target_gid;
};

/* False, with a message on stderr, when one of the sockets cannot be had (but for addresses that are not there). */
bool outside_open(struct outside *outside);

void outside_close(struct outside *outside);

/* The process to be signalled, which runs as uid and gid: the one there is, or a new one; -1 with errno. It is no
 * ordinary child: waitpid(2) sees it with __WCLONE only, so that "no child is left" can be asked while it lives. */
pid_t outside_target(struct outside *outside, uid_t uid, gid_t gid);

/* Ends that process. */
void outside_end_target(struct outside *outside);

/* Fills OUTSIDE_POLLFDS entries; and serves what poll(2) then told of them. */
void outside_watch(const struct outside *outside, struct pollfd *watched);
void outside_serve(struct outside *outside, const struct pollfd *watched);

/* Drops every connection, those that wait included, so that the next cell meets none of the last one's. */
void outside_reset(struct outside *outside);

#endif
