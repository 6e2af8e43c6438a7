/* Both processes are one program's, the one forked by the other, so that a message is a structure, and the text of a trouble,
 * which is a constant, stands at the same place in both. What comes from who asks is checked; it is the one who answers that is
 * trusted. */
#include "who/apart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "wire/format.h"

#define POLICY_MAX (1024 * 1024) /* bytes; more are no policy */
#define PIECE_MAX 32768          /* of it in one message: a socket's buffer has room for more than one of these */

/* Or, where `policy` is not 0: there is another one, and so many bytes of it follow in messages of their own. */
struct question {
    struct hf_ends ends;
    bool is_same;
    size_t network;
    size_t policy;
};

struct answer {
    bool is_admitted;
    struct hf_asker asker;
};

static bool receive(int door, void *message, size_t size)
{
    ssize_t got;

    do
        got = recv(door, message, size, 0);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)size;
}

bool hf_apart_ask(int door, const struct hf_ends *ends, bool is_same, size_t network, struct hf_asker *asker)
{
    const struct question question = {.ends = *ends, .is_same = is_same, .network = network};
    struct answer answer;

    *asker = (struct hf_asker){.trouble = "who asks could not be looked for"};
    if (send(door, &question, sizeof(question), MSG_NOSIGNAL) != (ssize_t)sizeof(question) ||
        !receive(door, &answer, sizeof(answer)))
        return false;
    *asker = answer.asker;
    return answer.is_admitted;
}

bool hf_apart_change(int door, const char *bytes, size_t length)
{
    const struct question question = {.policy = length};
    struct answer answer = {.is_admitted = false};

    if (send(door, &question, sizeof(question), MSG_NOSIGNAL) != (ssize_t)sizeof(question))
        return false;
    for (size_t at = 0, piece; at < length; at += piece) {
        piece = length - at < PIECE_MAX ? length - at : PIECE_MAX;
        if (send(door, bytes + at, piece, MSG_NOSIGNAL) != (ssize_t)piece)
            return false;
    }
    errno = ENOMEM;
    return receive(door, &answer, sizeof(answer)) && answer.is_admitted;
}

static bool hear_bytes(int door, char *bytes, size_t length)
{
    for (size_t at = 0, piece; at < length; at += piece) {
        piece = length - at < PIECE_MAX ? length - at : PIECE_MAX;
        if (!receive(door, bytes + at, piece))
            return false;
    }
    return true;
}

static void free_policy(struct hf_policy *policy)
{
    if (policy)
        hf_policy_free(policy);
    free(policy);
}

/* NULL where it is none, or memory is out. */
static struct hf_policy *read_policy(const char *bytes, size_t length)
{
    struct hf_policy *policy = calloc(1, sizeof(*policy));
    struct hf_diagnostics faults;
    struct hf_tree tree;
    bool valid;

    if (!policy)
        return NULL;
    valid = hf_format_judge(HF_FORMAT_PB, bytes, length, &tree, policy, &faults);
    hf_tree_free(&tree);
    hf_diagnostics_free(&faults);
    if (valid)
        return policy;
    free_policy(policy);
    return NULL;
}

/* Goes by the policy that is said, which becomes *own in the place of the one before. False where the door is of no use any
 * more. */
static bool change(struct hf_who *who, int door, size_t length, struct hf_policy **own)
{
    hf_autofree char *bytes = length <= POLICY_MAX ? malloc(length) : NULL;
    struct answer answer = {.is_admitted = false};
    struct hf_policy *policy;

    if (!bytes || !hear_bytes(door, bytes, length))
        return false;
    policy = read_policy(bytes, length);
    if (policy && hf_who_change(who, policy, bytes, length)) {
        free_policy(*own);
        *own = policy;
        answer.is_admitted = true;
    } else {
        free_policy(policy);
    }
    return send(door, &answer, sizeof(answer), MSG_NOSIGNAL) == (ssize_t)sizeof(answer);
}

/* What was found out last is kept, for the next network of the same question. */
struct kept {
    struct hf_question *question;
    struct hf_ends ends;
    struct hf_asker nobody; /* who asks where there is no question */
};

static bool answer_one(struct hf_who *who, int door, const struct question *asked, struct kept *kept)
{
    const struct hf_network_policy *network = hf_who_network(who, asked->network);
    struct answer answer = {.is_admitted = false};

    if (!network && asked->network != HF_APART_ANY)
        return false;
    if (!asked->is_same || !kept->question || memcmp(&asked->ends, &kept->ends, sizeof(kept->ends)) != 0) {
        hf_question_free(kept->question);
        kept->ends = asked->ends;
        kept->question = hf_question_of(who, &asked->ends.client, &asked->ends.proxy, &kept->nobody);
    }
    answer.asker = kept->nobody;
    if (kept->question && network)
        answer.is_admitted = hf_question_admits(kept->question, network, &answer.asker);
    else if (kept->question)
        hf_question_names(kept->question, &answer.asker);
    return send(door, &answer, sizeof(answer), MSG_NOSIGNAL) == (ssize_t)sizeof(answer);
}

void hf_who_answer(struct hf_who *who, int door)
{
    struct hf_policy *own = NULL;
    struct kept kept = {.question = NULL};
    struct question asked;

    while (receive(door, &asked, sizeof(asked)) &&
           (asked.policy ? change(who, door, asked.policy, &own) : answer_one(who, door, &asked, &kept)))
        ;
    hf_question_free(kept.question);
    free_policy(own);
}
