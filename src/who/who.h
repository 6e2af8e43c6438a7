/* Who asks: which process of the sandbox has the client's end of a connection, and whether a network policy's `binaries`
 * let it. Only what the executables are is told, not what they do: a program that is let out and can be made to do another's
 * bidding (an interpreter, LD_PRELOAD) does it. And only who has the socket at the moment of looking: it may be handed on
 * after that, or be under way between two processes (SCM_RIGHTS), and is then nobody's. */
#ifndef HF_WHO_WHO_H
#define HF_WHO_WHO_H

#include <netinet/in.h>

#include "policy/policy.h"
#include "who/inside.h"

/* In words for people: valid UTF-8, cut in front where it is long. */
#define HF_ASKER_PROGRAM_MAX 256

struct hf_asker {
    int pid;                            /* as the sandbox counts, 0 where nobody was found */
    char program[HF_ASKER_PROGRAM_MAX]; /* "" where it cannot be told */
    const char *trouble;                /* what is wrong with it beyond not being in the list, or NULL */
};

struct hf_who;

/* Remembers where the paths of `binaries` lead now, before the command can change that. NULL with errno. The policy and
 * the descriptors must outlive it. */
struct hf_who *hf_who_new(const struct hf_inside *inside, const struct hf_policy *policy);
void hf_who_free(struct hf_who *who);

/* Goes by another policy from now on, which must outlive it, or the next change; `bytes` are the same as a message of src/wire.
 * A path that the one before had leads where it led; what was pinned stays so. False with errno, and it goes by the one
 * before. */
bool hf_who_change(struct hf_who *who, const struct hf_policy *policy, const char *bytes, size_t length);

/* Has it found out by who answers at the other end of `door` (hf_who_answer) instead of by this process. */
void hf_who_ask_at(struct hf_who *who, int door);

/* Answers what is asked at the other end of `door`, by a process that was forked by this one or forked it, until that is
 * closed, and goes by the policies that are said there; then it is of no use any more. */
void hf_who_answer(struct hf_who *who, int door);

/* A network of the policy that it goes by, or NULL. */
const struct hf_network_policy *hf_who_network(const struct hf_who *who, size_t number);

/* One connection's question, over several network policies. */
struct hf_question;

/* `fd` is the accepted connection, whose ends are those addresses. NULL where nobody can be found, and *asker says why. */
struct hf_question *hf_question_new(struct hf_who *who, int fd, struct hf_asker *asker);
struct hf_question *hf_question_of(struct hf_who *who, const struct sockaddr_in *client, const struct sockaddr_in *proxy,
                                   struct hf_asker *asker);
void hf_question_free(struct hf_question *question);

/* May who asks reach what `network` allows: do all that have the socket run a program of its `binaries`, or have one
 * among their ancestors? *asker is then one of them; else the one who must not, or who cannot be told. */
bool hf_question_admits(struct hf_question *question, const struct hf_network_policy *network, struct hf_asker *asker);

/* Who asks, whatever the policy has of programs: one of those that have the socket. */
void hf_question_names(struct hf_question *question, struct hf_asker *asker);

#endif
