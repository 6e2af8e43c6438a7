/* Classes, activities and outcomes by their numbers; the schema's words for them stand behind each. */
#include "proxy/ocsf.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proxy/object.h"
#include "version.h"

#define CLOSING 8 /* bytes for what ends a line */

enum class { BASE_EVENT = 0, NETWORK_ACTIVITY = 4001, HTTP_ACTIVITY = 4002 };
enum { UNCATEGORIZED = 0, NETWORK = 4 };                     /* category_uid */
enum { OPEN = 1, CLOSE = 2, RESET = 3, FAIL = 4, REFUSE = 5 }; /* activity_id of Network Activity */
enum { OTHER = 99 };                                         /* of any */
enum { OUTBOUND = 2 };                                       /* direction_id */

/* How a verdict is told: status_id (1 Success, 2 Failure), severity_id (1 Informational, 2 Low), action_id (1 Allowed,
 * 2 Denied), disposition_id (1 Allowed, 2 Blocked, 19 Alert, 27 Error), and the activity of a decision. */
struct outcome {
    const char *verdict;
    unsigned status, severity, action, disposition, activity;
    bool is_alert;
};

static const struct outcome outcomes[] = {
    {"allow", 1, 1, 1, 1, OPEN, false},
    {"audit", 1, 2, 1, 19, OPEN, true},
    {"deny", 2, 2, 2, 2, REFUSE, true},
    {"error", 2, 1, 1, 27, FAIL, false}, /* also what has a verdict that is not here */
};

static const struct outcome *outcome_of(const char *verdict)
{
    size_t i = 0;

    while (i + 1 < sizeof(outcomes) / sizeof(outcomes[0]) && strcmp(outcomes[i].verdict, verdict) != 0)
        i++;
    return &outcomes[i];
}

static unsigned activity_of_method(const char *method)
{
    static const char *const methods[] = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "TRACE", "PATCH"};

    for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (!strcmp(method, methods[i]))
            return i + 1;
    return OTHER;
}

static void begin(struct hf_object *line, enum class class, unsigned activity, unsigned severity, int64_t time)
{
    hf_object_word(line, "{");
    hf_object_number(line, "time", (uint64_t)time);
    hf_object_number(line, "class_uid", class);
    hf_object_number(line, "category_uid", class == BASE_EVENT ? UNCATEGORIZED : NETWORK);
    hf_object_number(line, "activity_id", activity);
    hf_object_number(line, "type_uid", class * 100U + activity);
    hf_object_number(line, "severity_id", severity);
    hf_object_open(line, "metadata");
    hf_object_member(line, "version", HF_OCSF_VERSION);
    hf_object_word(line, ",\"profiles\":[\"host\",\"security_control\"]");
    hf_object_open(line, "product");
    hf_object_member(line, "name", "holdfast");
    hf_object_member(line, "version", HF_VERSION);
    hf_object_close(line);
    hf_object_close(line);
}

/* The host as the client wrote it is a name or an address, and the one dialled is another. */
static void put_ends(struct hf_object *line, const struct hf_decision *decision)
{
    unsigned char bytes[sizeof(struct in_addr)];
    const bool is_address = decision->host && (strchr(decision->host, ':') || inet_pton(AF_INET, decision->host, bytes) == 1);

    hf_object_open(line, "src_endpoint");
    hf_object_member(line, "name", "sandbox");
    hf_object_close(line);
    if (!decision->host)
        return;
    hf_object_open(line, "dst_endpoint");
    hf_object_member(line, "hostname", is_address ? NULL : decision->host);
    hf_object_member(line, "ip", decision->address ? decision->address : is_address ? decision->host : NULL);
    hf_object_number(line, "port", decision->port);
    hf_object_close(line);
}

static void put_asker(struct hf_object *line, const struct hf_asker *asker)
{
    if (!asker || !asker->pid)
        return;
    hf_object_open(line, "actor");
    hf_object_open(line, "process");
    hf_object_number(line, "pid", (uint64_t)asker->pid);
    hf_object_member(line, "path", asker->program[0] ? asker->program : NULL);
    hf_object_close(line);
    hf_object_close(line);
}

static void put_connection(struct hf_object *line, const struct hf_event *event)
{
    char id[24];

    snprintf(id, sizeof(id), "%" PRIu64, event->id);
    hf_object_open(line, "connection_info");
    hf_object_number(line, "direction_id", OUTBOUND);
    hf_object_member(line, "protocol_name", "tcp");
    hf_object_member(line, "uid", id);
    hf_object_close(line);
    hf_object_open(line, "traffic");
    hf_object_number(line, "bytes_out", event->bytes_up);
    hf_object_number(line, "bytes_in", event->bytes_down);
    hf_object_number(line, "bytes", event->bytes_up + event->bytes_down);
    hf_object_close(line);
}

/* What the server answers to a request that is let through is not known yet. */
static void put_request(struct hf_object *line, const struct hf_decision *decision, bool is_answered)
{
    hf_object_open(line, "http_request");
    hf_object_member(line, "http_method", decision->method);
    if (decision->path) {
        hf_object_open(line, "url");
        hf_object_member(line, "path", decision->path);
        hf_object_close(line);
    }
    hf_object_close(line);
    if (!is_answered)
        return;
    hf_object_open(line, "http_response");
    hf_object_number(line, "code", (uint64_t)decision->status);
    hf_object_close(line);
}

static void put_outcome(struct hf_object *line, const struct outcome *outcome, const struct hf_decision *decision)
{
    hf_object_number(line, "status_id", outcome->status);
    hf_object_member(line, "status_detail", decision->failed);
    hf_object_number(line, "action_id", outcome->action);
    hf_object_number(line, "disposition_id", outcome->disposition);
    hf_object_word(line, outcome->is_alert ? ",\"is_alert\":true" : ",\"is_alert\":false");
    if (decision->rule) {
        hf_object_open(line, "firewall_rule");
        hf_object_cut(line, "name", decision->rule, HF_TELL_KEY_MAX);
        hf_object_member(line, "desc", decision->by);
        hf_object_close(line);
    }
    hf_object_open(line, "unmapped");
    hf_object_member(line, "verdict", decision->verdict);
    hf_object_close(line);
}

/* The words for people come last, and are cut to what room there is. */
static size_t end(struct hf_object *line, const char *message)
{
    const size_t begun = line->length + sizeof(",\"message\":\"\"") + CLOSING;

    if (begun < line->size)
        hf_object_cut(line, "message", message, line->size - begun);
    hf_object_word(line, "}\n");
    return line->length;
}

size_t hf_ocsf_event(char line[static HF_TELL_MAX], const struct hf_event *event, const struct hf_decision *decision)
{
    struct hf_object text = {line, 0, HF_TELL_MAX};
    const struct outcome *outcome = outcome_of(decision->verdict);
    const bool is_request = decision->method && !event->end;
    unsigned activity = is_request ? activity_of_method(decision->method) : outcome->activity;

    if (event->end)
        activity = event->is_cut ? RESET : CLOSE;
    begin(&text, is_request ? HTTP_ACTIVITY : NETWORK_ACTIVITY, activity, outcome->severity, event->time);
    if (activity == OTHER)
        hf_object_member(&text, "activity_name", decision->method);
    hf_object_number(&text, "duration", (uint64_t)event->ms);
    put_ends(&text, decision);
    put_asker(&text, decision->asker);
    put_connection(&text, event);
    if (is_request)
        put_request(&text, decision, outcome->action == 2 || outcome->status == 2);
    put_outcome(&text, outcome, decision);
    return end(&text, event->end ? event->end : decision->reason);
}

size_t hf_ocsf_unlogged(char line[static HF_TELL_MAX], int64_t time, uint64_t lines)
{
    struct hf_object text = {line, 0, HF_TELL_MAX};

    begin(&text, BASE_EVENT, OTHER, 1, time);
    hf_object_member(&text, "activity_name", "unlogged");
    hf_object_number(&text, "count", lines);
    return end(&text, "the log had no room for so many lines");
}

size_t hf_ocsf_update(char line[static HF_TELL_MAX], const struct hf_update_told *update)
{
    struct hf_object text = {line, 0, HF_TELL_MAX};
    const struct outcome *outcome = outcome_of(update->reasons ? "deny" : "allow");

    begin(&text, BASE_EVENT, OTHER, outcome->severity, update->time);
    hf_object_member(&text, "activity_name", "update");
    hf_object_number(&text, "status_id", outcome->status);
    hf_object_open(&text, "unmapped");
    hf_object_member(&text, "verdict", outcome->verdict);
    hf_object_number(&text, "user", update->user);
    hf_object_number(&text, "process", (uint64_t)update->process);
    if (update->reasons)
        hf_object_number(&text, "reasons", update->reasons);
    hf_object_close(&text);
    return end(&text, update->reasons ? "other networks were asked for, and refused" : "other networks are in force");
}
