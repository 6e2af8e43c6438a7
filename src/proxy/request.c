/* The rules of several endpoints as one, and what is said of the outcome. */
#include "proxy/request.h"

#include <stdio.h>

#include "base/error.h"

struct hf_request hf_request_of_head(const struct hf_head *head)
{
    static const char all[] = "*"; /* RFC 9112 section 3.2.4: OPTIONS without a path in the address */
    struct hf_request request = {.method = head->method, .target = head->path, .to_websocket = head->wants_websocket};
    struct hf_span rest = head->fields;
    struct hf_field field;

    if (!head->path.length && head->method.length == 7 && !memcmp(head->method.at, "OPTIONS", 7))
        request.target = (struct hf_span){all, 1};
    while (!request.problem && rest.length > 2 && !hf_field_take(&rest, &field))
        if (!head->wants_websocket || !hf_is_word(field.name, "upgrade")) /* for which there is a rule to ask */
            request.problem = hf_rest_field_problem(field.name, field.value, head->method);
    return request;
}

/* What all endpoints that were asked make of it together. */
struct outcome {
    struct hf_match match; /* the endpoint that decides, if none is left to ask */
    struct hf_rest_verdict verdict;
    bool is_judged, is_allowed, is_denied, is_audited;
};

static void keep(struct outcome *outcome, const struct hf_network_policy *network, const struct hf_endpoint *endpoint,
                 struct hf_rest_verdict verdict)
{
    outcome->match = (struct hf_match){.verdict = HF_MATCH_ALLOWED, .network = network, .endpoint = endpoint};
    outcome->verdict = verdict;
}

/* A deny rule is heard before any rule that allows; one that enforces before one that audits. */
static void add(struct outcome *outcome, const struct hf_network_policy *network, const struct hf_endpoint *endpoint,
                struct hf_rest_verdict verdict)
{
    const bool is_denied = verdict.half == HF_REST_DENY_RULE || verdict.query_problem;

    if (!outcome->is_judged || (is_denied && !outcome->is_denied) ||
        (!outcome->is_denied && verdict.half < outcome->verdict.half) ||
        (is_denied && outcome->match.endpoint->is_audited && !endpoint->is_audited))
        keep(outcome, network, endpoint, verdict);
    outcome->is_judged = true;
    outcome->is_allowed = outcome->is_allowed || verdict.half == HF_REST_ALLOWED;
    outcome->is_denied = outcome->is_denied || is_denied;
    outcome->is_audited = outcome->is_audited || endpoint->is_audited;
}

static enum hf_request_verdict conclude(const struct outcome *outcome)
{
    if (outcome->is_denied)
        return outcome->match.endpoint->is_audited ? HF_REQUEST_AUDITED : HF_REQUEST_DENIED;
    if (outcome->is_allowed)
        return HF_REQUEST_ALLOWED;
    return outcome->is_audited ? HF_REQUEST_AUDITED : HF_REQUEST_DENIED;
}

/* Cut, and marked where it was. */
static void copy_cut(char *to, size_t size, const char *text, size_t length)
{
    const bool is_cut = length >= size;

    snprintf(to, size, "%.*s%s", (int)(is_cut ? size - 4 : length), text, is_cut ? "..." : "");
}

#define WRITABLE 160 /* bytes of a path that a line of advice has room for */

/* May it stand in quotes in a YAML file, for the pattern that it is? */
static bool is_writable(const char *path)
{
    for (const char *c = path; *c; c++)
        if (*c < 0x20 || *c >= 0x7f || strchr("\"\\*?[]{}%", *c))
            return false;
    return strlen(path) < WRITABLE;
}

static struct hf_where place_of(struct hf_pos pos)
{
    return hf_where(pos.line, pos.field);
}

static void tell_by(const struct outcome *outcome, struct hf_judgement *judgement)
{
    const struct hf_endpoint *endpoint = outcome->match.endpoint;
    const struct hf_request_rule *rule = outcome->verdict.rule;

    if (rule)
        snprintf(judgement->by, sizeof(judgement->by), "%s (%s)",
                 outcome->verdict.half == HF_REST_DENY_RULE ? "deny_rules" : "rules", place_of(rule->pos).text);
    else if (endpoint->access != HF_PRESET_OMITTED)
        snprintf(judgement->by, sizeof(judgement->by), "access (%s)", place_of(endpoint->access_pos).text);
    else
        snprintf(judgement->by, sizeof(judgement->by), "rules (%s)", place_of(endpoint->rules.pos).text);
    judgement->decision.by = judgement->by;
}

static void tell_request(const struct hf_request *request, const struct hf_rest_target *target,
                         struct hf_judgement *judgement)
{
    copy_cut(judgement->method, sizeof(judgement->method), request->method.at, request->method.length);
    judgement->decision.method = judgement->method;
    if (!target)
        return;
    copy_cut(judgement->path, sizeof(judgement->path), target->wire, target->path_length);
    judgement->decision.path = judgement->path;
}

/* The rule to add, where one helps. */
static void advise(const struct outcome *outcome, const struct hf_rest_target *target, struct hf_judgement *judgement)
{
    const struct hf_endpoint *endpoint = outcome->match.endpoint;
    const char *key = hf_judge_key(&outcome->match);
    const size_t size = sizeof(judgement->remedy);

    if (outcome->verdict.half == HF_REST_DENY_RULE)
        snprintf(judgement->remedy, size, "if it is meant to be allowed, narrow that rule under network_policies.%s", key);
    else if (endpoint->access != HF_PRESET_OMITTED)
        snprintf(judgement->remedy, size,
                 "give the endpoint of this host under network_policies.%s an access that has %s, or rules in its place",
                 key, judgement->method);
    else if (is_writable(target->path))
        snprintf(judgement->remedy, size, "add - allow: {method: %s, path: \"%.*s\"} to rules of this host under "
                                          "network_policies.%s", judgement->method, WRITABLE, target->path, key);
    else
        snprintf(judgement->remedy, size, "add a rule with method: %s and a pattern for this path to rules of this host "
                                          "under network_policies.%s", judgement->method, key);
    judgement->decision.remedy = judgement->remedy;
}

static void judge(struct hf_judgement *judgement, const struct hf_target *place, const struct outcome *outcome,
                  const char *failed, const char *what, struct hf_pos pos)
{
    hf_judge(judgement, place, &outcome->match, "deny", 403, failed, "the policy allows this host, but %s%s%s%s", what,
             pos.line ? " (" : "", pos.line ? place_of(pos).text : "", pos.line ? ")" : "");
}

static void deny(const struct hf_target *place, const struct outcome *outcome, struct hf_judgement *judgement)
{
    const struct hf_endpoint *endpoint = outcome->match.endpoint;
    const struct hf_request_rule *rule = outcome->verdict.rule;
    char what[128];

    switch (outcome->verdict.half) {
    case HF_REST_DENY_RULE:
        judge(judgement, place, outcome, "deny_rules", "one of its deny_rules has this request", rule->pos);
        break;
    case HF_REST_QUERY:
        judge(judgement, place, outcome, "query", "its rule for this method and path wants another query", rule->pos);
        break;
    case HF_REST_METHOD:
        if (endpoint->access != HF_PRESET_OMITTED) {
            snprintf(what, sizeof(what), "its access %s has not this method", hf_rest_preset_name(endpoint->access));
            judge(judgement, place, outcome, "method", what, endpoint->access_pos);
        } else {
            judge(judgement, place, outcome, "method", "its rule for this path has another method", rule->pos);
        }
        break;
    default:
        judge(judgement, place, outcome, "path", "none of its rules has this path", endpoint->rules.pos);
        break;
    }
}

/* A request that servers could read in two ways is denied whatever the rules say. */
static void deny_unclear(const struct hf_target *place, const struct outcome *outcome, const char *failed,
                         const char *problem, struct hf_judgement *judgement)
{
    hf_judge(judgement, place, &outcome->match, "deny", 403, failed,
             "the policy has rules for requests to this host, and this one cannot be judged by them: %s", problem);
}

static struct outcome ask_all(const struct hf_policy *policy, const struct hf_target *place,
                              const struct hf_admission *admission, const union hf_address *address,
                              const struct hf_request *request, const struct hf_rest_target *target)
{
    struct outcome outcome = {0};

    for (size_t i = 0; i < policy->network_count; i++) {
        for (size_t j = 0; j < policy->networks[i].endpoint_count; j++) {
            const struct hf_endpoint *endpoint = &policy->networks[i].endpoints[j];
            struct hf_rest_verdict verdict = {.half = HF_REST_DENY_RULE};

            if (endpoint->protocol != HF_PROTOCOL_REST ||
                !hf_match_is_open(policy, i, endpoint, place, admission ? admission->networks : NULL, address))
                continue;
            if (target)
                verdict = hf_rest_judge(endpoint, request->method, target);
            add(&outcome, &policy->networks[i], endpoint, verdict);
        }
    }
    return outcome;
}

static enum hf_request_verdict deny_address(const struct hf_target *place, const struct hf_match *match,
                                            struct hf_judgement *judgement)
{
    hf_judge(judgement, place, match, "deny", 403, "address",
             "the policy has rules for requests to this host, and not at this address of it");
    return HF_REQUEST_DENIED;
}

/* What was denied is let through, if it is a request at all. */
static enum hf_request_verdict audit(const struct hf_request *request, bool is_canonical, struct hf_rest_target *target,
                                     struct hf_judgement *judgement)
{
    if (!is_canonical && !hf_rest_target_keep(request->target, target))
        return HF_REQUEST_DENIED;
    judgement->decision.verdict = "audit";
    judgement->decision.status = 200;
    return HF_REQUEST_AUDITED;
}

static enum hf_request_verdict judge_method(const struct hf_policy *policy, const struct hf_target *place,
                                            const struct hf_admission *admission, const union hf_address *address,
                                            const struct hf_request *request, struct hf_rest_target *target,
                                            struct hf_match *match, struct hf_judgement *judgement)
{
    enum hf_request_verdict result;
    const char *problem;
    struct outcome outcome;
    bool is_unclear;

    if (!hf_match_judges_requests(policy, place, admission ? admission->networks : NULL))
        return HF_REQUEST_UNJUDGED;
    problem = hf_rest_target_read(request->target, target);
    is_unclear = problem || request->problem;
    outcome = ask_all(policy, place, admission, address, request, is_unclear ? NULL : target);
    if (!outcome.is_judged)
        return deny_address(place, match, judgement);
    *match = outcome.match;
    result = conclude(&outcome);
    if (is_unclear)
        deny_unclear(place, &outcome, problem ? "path" : "request", problem ? problem : request->problem, judgement);
    else if (outcome.verdict.query_problem)
        deny_unclear(place, &outcome, "query", outcome.verdict.query_problem, judgement);
    else if (result == HF_REQUEST_ALLOWED)
        hf_judge(judgement, place, match, "allow", 200, NULL, "the policy allows it");
    else
        deny(place, &outcome, judgement);
    tell_request(request, problem ? NULL : target, judgement);
    if (!is_unclear && !outcome.verdict.query_problem) {
        tell_by(&outcome, judgement);
        if (result != HF_REQUEST_ALLOWED)
            advise(&outcome, target, judgement);
    }
    return result == HF_REQUEST_AUDITED ? audit(request, !problem, target, judgement) : result;
}

enum hf_request_verdict hf_judge_request(const struct hf_policy *policy, const struct hf_target *place,
                                         const struct hf_admission *admission, const union hf_address *address,
                                         const struct hf_request *request, struct hf_rest_target *target,
                                         struct hf_match *match, struct hf_judgement *judgement)
{
    const enum hf_request_verdict result = judge_method(policy, place, admission, address, request, target, match, judgement);
    struct hf_request websocket = *request;
    enum hf_request_verdict as_websocket;

    if (!request->to_websocket || (result != HF_REQUEST_ALLOWED && result != HF_REQUEST_AUDITED))
        return result;
    websocket.method = (struct hf_span){"WEBSOCKET", 9};
    as_websocket = judge_method(policy, place, admission, address, &websocket, target, match, judgement);
    if (result == HF_REQUEST_AUDITED && as_websocket == HF_REQUEST_ALLOWED) /* which is what there is to tell */
        return judge_method(policy, place, admission, address, request, target, match, judgement);
    return as_websocket;
}

void hf_judge_closed_tunnel(const struct hf_target *place, const struct hf_match *match, struct hf_judgement *judgement)
{
    hf_judge(judgement, place, match, "deny", 403, "tunnel",
             "the policy has rules for requests to this host, and nobody could see the requests in a tunnel");
    snprintf(judgement->remedy, sizeof(judgement->remedy),
             "add tls: terminate to its endpoint under network_policies.%s, or ask for http:// addresses of this host",
             hf_judge_key(match));
    judgement->decision.remedy = judgement->remedy;
}
