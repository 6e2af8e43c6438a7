/* A request of HTTP/2, whose session has seen to it that it is well-formed (RFC 9113 section 8): place, rules, words. */
#include <string.h>

#include "proxy/inner.h"

/* RFC 9113 section 8.3.1: an intermediary does not choose between two that differ. */
static bool is_place(struct hf_span text, const struct hf_target *target)
{
    struct hf_target named = {0};

    return !hf_target_parse_with(text.at, text.length, HF_HTTPS_PORT, &named) && named.port == target->port &&
           !strcmp(named.host, target->host);
}

static bool is(struct hf_span text, const char *word)
{
    return text.length == strlen(word) && !memcmp(text.at, word, text.length);
}

/* NULL, or why it is none that everybody reads alike. */
static const char *misshapen(const struct hf_http2_request *request, const struct hf_target *target)
{
    if (request->is_too_large)
        return "the request head is over 16384 bytes, or has more than 100 fields";
    if (!is(request->scheme, "https"))
        return "inside of a tunnel with TLS a request is for https";
    if (!request->authority.at || !is_place(request->authority, target))
        return "the :authority field names another place than the tunnel";
    for (size_t i = 0; i < request->count; i++)
        if (hf_is_word(request->fields[i].name, "host") && !is_place(request->fields[i].value, target))
            return "the Host field names another place than the tunnel";
    if (!request->path.length || (request->path.at[0] != '/' && !(is(request->path, "*") && is(request->method, "OPTIONS"))))
        return "inside of a tunnel a request is for a path, and not for another place";
    return memchr(request->path.at, '#', request->path.length) ? "a fragment in the address" : NULL;
}

static const char *field_problem(const struct hf_http2_request *request)
{
    const char *problem = NULL;

    for (size_t i = 0; i < request->count && !problem; i++)
        problem = hf_rest_field_problem(request->fields[i].name, request->fields[i].value, request->method);
    return problem;
}

/* The body of what a client of HTTP/1 would be told. */
static void tell(struct hf_connection *connection, struct hf_decision *decision, struct hf_http2_judged *judged)
{
    char text[HF_TELL_MAX];
    const char *body;
    size_t length;

    _Static_assert(sizeof(judged->text) >= sizeof(text), "a refusal fits");
    decision->address = connection->address;
    hf_connection_decide(connection, decision);
    length = hf_tell_client(text, decision);
    body = memmem(text, length, "\r\n\r\n", 4);
    judged->is_allowed = false;
    judged->status = decision->status;
    judged->length = body ? length - (size_t)(body + 4 - text) : 0;
    if (body)
        memcpy(judged->text, body + 4, judged->length);
}

void hf_inner_judge_http2(void *context, const struct hf_http2_request *request, struct hf_http2_judged *judged)
{
    struct hf_connection *connection = context;
    const char *failure = hf_inner_failure(connection), *problem = misshapen(request, &connection->target);
    const struct hf_request asked = {.method = request->method, .target = request->path, .problem = field_problem(request)};
    struct hf_judgement judgement;
    struct hf_rest_target target;

    _Static_assert(sizeof(judged->text) >= sizeof(target.wire), "a path fits");
    if (failure[0])
        hf_judge(&judgement, &connection->target, &connection->match, "error", 502, "tls", "%s", failure);
    else if (problem)
        hf_judge(&judgement, &connection->target, &connection->match, "deny", request->is_too_large ? 431 : 400, "request",
                 "%s", problem);
    else if (hf_inner_ask(connection, &asked, &target, &judgement)) {
        judgement.decision.address = connection->address;
        hf_connection_decide(connection, &judgement.decision);
        judged->is_allowed = true;
        judged->length = target.length;
        memcpy(judged->text, target.wire, target.length);
        return;
    }
    tell(connection, &judgement.decision, judged);
}
