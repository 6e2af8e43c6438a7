/* What is going on, as a JSON document: what was let through and is open, what is on its way there, and what was denied lately.
 * As much as an answer may be long, and of those of whom it is not known yet who asks, a few are looked for: it costs a look
 * through the sandbox's processes each. */
#include <stdlib.h>
#include <string.h>

#include "control/message.h"
#include "proxy/control.h"
#include "proxy/object.h"

#define ROOM_FOR_DENIALS (HF_RECENT_MAX * HF_TELL_MAX)
#define NAMED_MAX 16

struct looking {
    struct hf_server *server;
    char *bytes; /* HF_CONTROL_MAX of them */
    size_t length;
    unsigned named;
    uint64_t left_out;
};

static void put(struct looking *looking, const char *bytes, size_t length)
{
    memcpy(looking->bytes + looking->length, bytes, length);
    looking->length += length;
}

static void put_item(struct looking *looking, struct hf_object *item)
{
    hf_object_word(item, "}");
    if (looking->bytes[looking->length - 1] != '[')
        put(looking, ",", 1);
    put(looking, item->at, item->length);
}

static void put_asker(struct hf_object *item, int process, const char *program)
{
    if (process)
        hf_object_number(item, "process", (uint64_t)process);
    hf_object_member(item, "program", program && program[0] ? program : NULL);
}

static const struct hf_asker *asker_of(struct looking *looking, struct hf_connection *connection)
{
    struct hf_who *who = looking->server->proxy->who;

    if (!connection->admission && who && looking->named++ < NAMED_MAX)
        connection->admission = hf_admission_name(who, connection->client.fd, connection->rules->policy);
    return connection->admission ? &connection->admission->asker : NULL;
}

static void put_connection(struct looking *looking, struct hf_connection *connection, const char *state)
{
    const struct hf_asker *asker = asker_of(looking, connection);
    char text[HF_TELL_MAX];
    struct hf_object item = {text, 0, sizeof(text)};

    hf_object_word(&item, "{");
    hf_object_number(&item, "id", connection->id);
    hf_object_member(&item, "state", state);
    put_asker(&item, asker ? asker->pid : 0, asker ? asker->program : NULL);
    hf_object_member(&item, "host", connection->target.host);
    hf_object_number(&item, "port", connection->target.port);
    hf_object_member(&item, "address", connection->address[0] ? connection->address : NULL);
    hf_object_number(&item, "bytes_up", connection->up.bytes);
    hf_object_number(&item, "bytes_down", connection->down.bytes);
    hf_object_number(&item, "ms", (uint64_t)(looking->server->now - connection->began));
    put_item(looking, &item);
}

/* Those that have asked for nothing yet, or were refused, are not told. */
static void put_connections(struct looking *looking)
{
    static const char *const states[HF_CONNECTION_STATES] = {[HF_CONNECTION_RESOLVE] = "resolve",
                                                             [HF_CONNECTION_DIAL] = "connect",
                                                             [HF_CONNECTION_SHAKE] = "open",
                                                             [HF_CONNECTION_TUNNEL] = "open"};
    struct hf_connection *connection;

    for (int state = 0; state < HF_CONNECTION_STATES; state++) {
        TAILQ_FOREACH(connection, &looking->server->waiting[state], by_time) {
            if (!states[state])
                continue;
            if (looking->length + HF_TELL_MAX + ROOM_FOR_DENIALS < HF_CONTROL_MAX)
                put_connection(looking, connection, states[state]);
            else
                looking->left_out++;
        }
    }
}

static void put_denials(struct looking *looking)
{
    const struct hf_recent_denial *list[HF_RECENT_MAX];
    const size_t count = hf_recent_list(&looking->server->recent, list);

    for (size_t i = 0; i < count; i++) {
        char text[HF_TELL_MAX];
        struct hf_object item = {text, 0, sizeof(text)};

        hf_object_word(&item, "{");
        hf_object_number(&item, "ms", (uint64_t)(looking->server->now - list[i]->time));
        hf_object_number(&item, "count", list[i]->count);
        hf_object_member(&item, "verdict", list[i]->is_audited ? "audit" : "deny");
        put_asker(&item, list[i]->process, list[i]->program);
        if (list[i]->host[0]) {
            hf_object_member(&item, "host", list[i]->host);
            hf_object_number(&item, "port", list[i]->port);
        }
        hf_object_member(&item, "reason", list[i]->reason);
        put_item(looking, &item);
    }
}

static void put_totals(struct looking *looking)
{
    char text[256];
    struct hf_object totals = {text, 0, sizeof(text)};

    hf_object_word(&totals, "{");
    hf_object_number(&totals, "accepted", looking->server->next_id);
    hf_object_number(&totals, "denied", looking->server->recent.total);
    hf_object_number(&totals, "updates", looking->server->updates);
    hf_object_number(&totals, "left_out", looking->left_out);
    put(looking, totals.at + 1, totals.length - 1);
    put(looking, "}\n", 2);
}

char *hf_control_look(struct hf_server *server, size_t *length)
{
    static const char begin[] = "{\"connections\":[", middle[] = "],\"denials\":[", end[] = "],";
    struct looking looking = {.server = server, .bytes = malloc(HF_CONTROL_MAX + sizeof(end))};

    if (!looking.bytes)
        return NULL;
    put(&looking, begin, sizeof(begin) - 1);
    put_connections(&looking);
    put(&looking, middle, sizeof(middle) - 1);
    put_denials(&looking);
    put(&looking, end, sizeof(end) - 1);
    put_totals(&looking);
    *length = looking.length;
    return looking.bytes;
}
