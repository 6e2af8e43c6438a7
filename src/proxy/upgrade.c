/* The answer's heads are read into a buffer and passed on from there, those of interim answers with the last one. */
#include "proxy/upgrade.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "proxy/answer.h"

struct hf_upgrade {
    size_t length, interim; /* of `bytes`: filled; and taken by interim answers */
    char bytes[HF_ANSWER_LIMIT];
};

struct hf_upgrade *hf_upgrade_new(void)
{
    return calloc(1, sizeof(struct hf_upgrade));
}

void hf_upgrade_free(struct hf_upgrade *upgrade)
{
    free(upgrade);
}

/* The server's fault: the client gets a 502 in the place of its answer. */
static bool blame(struct hf_connection *connection, const char *reason)
{
    char response[HF_TELL_MAX];
    struct hf_judgement judgement;

    hf_judge(&judgement, &connection->target, &connection->match, "error", 502, "connect", "%s", reason);
    judgement.decision.address = connection->address;
    hf_connection_decide(connection, &judgement.decision);
    if (hf_way_hold(&connection->down, response, hf_tell_client(response, &judgement.decision)))
        hf_connection_drain(connection, reason);
    else
        hf_connection_close(connection, true, "no memory");
    return false;
}

static bool is_sent(struct hf_connection *connection)
{
    struct hf_end nobody = {.fd = -1}; /* nothing of the client's goes with it */

    if (hf_relay_pump(&nobody, &connection->upstream, &connection->up, &connection->server->pipes,
                      connection->server->scratch) == HF_RELAY_BROKEN)
        return blame(connection, "the server left without an answer");
    return !connection->up.held;
}

/* Reads some more. False where there is none now, or the connection has been drained. */
static bool read_some(struct hf_connection *connection)
{
    struct hf_upgrade *upgrade = connection->upgrade;
    ssize_t got = -1;

    errno = EAGAIN;
    while (connection->upstream.readable && (got = recv(connection->upstream.fd, upgrade->bytes + upgrade->length,
                                                        sizeof(upgrade->bytes) - upgrade->length, 0)) < 0 && errno == EINTR)
        ;
    if (got < 0 && errno == EAGAIN) {
        connection->upstream.readable = false;
        return false;
    }
    if (got <= 0)
        return blame(connection, "the server left without an answer");
    upgrade->length += (size_t)got;
    return true;
}

/* Nothing of the client's goes on, and of the server's no more than its answer. */
static bool end_with_answer(struct hf_connection *connection, const struct hf_answer *answer, size_t *length)
{
    struct hf_way *down = &connection->down;
    const size_t head = connection->upgrade->interim + answer->length;
    size_t taken;

    if (answer->until_end)
        return true;
    connection->answer = answer->body;
    if (!hf_body_take(&connection->answer, connection->upgrade->bytes + head, *length - head, &taken))
        return false;
    *length = head + taken;
    down->body = &connection->answer;
    down->ends_with_body = true;
    down->ended = connection->answer.next == HF_BODY_END;
    return true;
}

static bool conclude(struct hf_connection *connection, const struct hf_answer *answer)
{
    struct hf_upgrade *upgrade = connection->upgrade;
    size_t length = upgrade->length;

    if (answer->is_websocket)
        connection->up.body = NULL;
    else if (!end_with_answer(connection, answer, &length))
        return blame(connection, "the server's answer is not to be understood: its chunks are none that all read alike");
    connection->down.bytes += length;
    if (!hf_way_hold(&connection->down, upgrade->bytes, length)) {
        hf_connection_close(connection, true, "no memory");
        return false;
    }
    hf_upgrade_free(hf_steal(connection->upgrade, NULL));
    return true;
}

bool hf_upgrade_continue(struct hf_connection *connection)
{
    struct hf_upgrade *upgrade = connection->upgrade;
    struct hf_answer answer;
    char reason[128];

    if (!is_sent(connection))
        return false;
    while (read_some(connection)) {
        enum hf_head_result result;

        while ((result = hf_answer_parse(upgrade->bytes + upgrade->interim, upgrade->length - upgrade->interim, false,
                                         &answer)) == HF_HEAD_DONE && answer.is_interim)
            upgrade->interim += answer.length;
        if (result == HF_HEAD_DONE)
            return conclude(connection, &answer);
        if (result == HF_HEAD_REFUSED || upgrade->length == sizeof(upgrade->bytes)) {
            snprintf(reason, sizeof(reason), "the server's answer is not to be understood: %s",
                     result == HF_HEAD_REFUSED ? answer.reason : "its interim answers do not end");
            return blame(connection, reason);
        }
    }
    return false;
}
