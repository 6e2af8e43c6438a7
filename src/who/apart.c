/* Both processes are one program's, the one forked by the other, so that a message is a structure, and the text of a trouble,
 * which is a constant, stands at the same place in both. What comes from who asks is checked; it is the one who answers that is
 * trusted. */
#include "who/apart.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct question {
    struct hf_ends ends;
    bool is_same;
    size_t network;
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

void hf_who_answer(struct hf_who *who, const struct hf_policy *policy, int door)
{
    struct hf_question *last = NULL;
    struct hf_ends ends;
    struct hf_asker nobody = {.trouble = NULL};
    struct question asked;

    while (receive(door, &asked, sizeof(asked)) && (asked.network < policy->network_count || asked.network == HF_APART_ANY)) {
        struct answer answer = {.is_admitted = false};

        if (!asked.is_same || !last || memcmp(&asked.ends, &ends, sizeof(ends)) != 0) {
            hf_question_free(last);
            ends = asked.ends;
            last = hf_question_of(who, &asked.ends.client, &asked.ends.proxy, &nobody);
        }
        answer.asker = nobody;
        if (last && asked.network == HF_APART_ANY)
            hf_question_names(last, &answer.asker);
        else if (last)
            answer.is_admitted = hf_question_admits(last, &policy->networks[asked.network], &answer.asker);
        if (send(door, &answer, sizeof(answer), MSG_NOSIGNAL) != (ssize_t)sizeof(answer))
            break;
    }
    hf_question_free(last);
}
