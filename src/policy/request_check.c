/* What rules for requests must be to mean something, and to mean one thing. */
#include "policy/request.h"

#include <string.h>

#include "policy/check.h"

/* Of the registry of methods (RFC 9110 section 16.1.1), but for CONNECT and PRI, which are for no path. */
static const char *const methods[] = {
    "ACL",    "BASELINE-CONTROL", "BIND",       "CHECKIN",   "CHECKOUT",         "COPY",     "DELETE",
    "GET",    "HEAD",             "LABEL",      "LINK",      "LOCK",             "MERGE",    "MKACTIVITY",
    "MKCOL",  "MKCALENDAR",       "MKWORKSPACE", "MKREDIRECTREF", "MOVE",        "OPTIONS",  "ORDERPATCH",
    "PATCH",  "POST",             "PROPFIND",   "PROPPATCH", "PUT",              "QUERY",    "REBIND",
    "REPORT", "SEARCH",           "TRACE",      "UNBIND",    "UNCHECKOUT",       "UNLINK",   "UNLOCK",
    "WEBSOCKET", /* the proxy's own word: that a GET may turn into one */
    "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
};

#define METHOD_COUNT (sizeof(methods) / sizeof(methods[0]))

static void check_method(struct hf_faults *faults, const struct hf_text *method)
{
    const char *text = method->text, *nearest;

    for (size_t i = 0; i < METHOD_COUNT; i++)
        if (!strcmp(text, methods[i]))
            return;
    if (!strcmp(text, "*"))
        return;
    nearest = hf_nearest(text, methods, METHOD_COUNT);
    if (!strcasecmp(text, "connect"))
        hf_fault(faults, method->pos, "a rule cannot be for CONNECT: in the tunnel that it opens no request would be seen");
    else if (nearest)
        hf_fault(faults, method->pos, "unknown method %s (did you mean '%s'?)", hf_quote(text, strlen(text)).text, nearest);
    else
        hf_fault(faults, method->pos, "unknown method %s: write one of HTTP's in upper case, or \"*\" for all",
                 hf_quote(text, strlen(text)).text);
}

static const char *pattern_problem(const char *text)
{
    if (strstr(text, "***"))
        return "three '*' in a row mean nothing";
    if (strpbrk(text, "[]{}?"))
        return "'*' and '**' are the only patterns";
    return NULL;
}

/* What a canonical path (rest/target.h) never has would make a rule that never matches. */
static const char *path_problem(const char *text)
{
    if (text[0] != '/' && strcmp(text, "**") != 0 && strncmp(text, "**/", 3) != 0)
        return strcmp(text, "*") == 0 ? "write \"**\" for every path" : "write it from / on, or \"**\" for every path";
    if (strchr(text, '?') || strchr(text, '#'))
        return "write the path alone, and what its query must have under 'query'";
    if (strchr(text, '%'))
        return "write the characters that its escapes stand for";
    if (strchr(text, ';') || strchr(text, '\\'))
        return "requests with ';' or '\\' in their path are refused whatever the rules say";
    if (strstr(text, "//"))
        return "paths are compared with slashes in a row as one";
    for (const char *at = text; *at; at += strspn(at, "/")) {
        const size_t length = strcspn(at, "/");

        if ((length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.'))
            return "paths are compared without '.' and '..': write where it leads";
        at += length;
    }
    return pattern_problem(text);
}

static void check_rule(struct hf_faults *faults, const struct hf_request_rule *rule)
{
    const char *problem;

    if (!rule->method.pos.line)
        hf_fault(faults, rule->pos, "'method' is missing: write one, or \"*\" for all");
    else if (rule->method.text)
        check_method(faults, &rule->method);
    if (!rule->path.pos.line)
        hf_fault(faults, rule->pos, "'path' is missing: write a path or pattern, or \"**\" for every path");
    problem = rule->path.text ? path_problem(rule->path.text) : NULL;
    if (problem)
        hf_fault(faults, rule->path.pos, "%s is not a pattern for paths: %s",
                 hf_quote(rule->path.text, strlen(rule->path.text)).text, problem);
    for (size_t i = 0; i < rule->query_count; i++) {
        for (size_t j = 0; j < rule->queries[i].value_count; j++) {
            const struct hf_text *value = &rule->queries[i].values[j];

            problem = pattern_problem(value->text);
            if (problem)
                hf_fault(faults, value->pos, "%s is not a pattern for a query: %s",
                         hf_quote(value->text, strlen(value->text)).text, problem);
        }
    }
}

static void check_rules(struct hf_faults *faults, const struct hf_request_rules *rules, const char *key, const char *advice)
{
    for (size_t i = 0; i < rules->count; i++)
        check_rule(faults, &rules->items[i]);
    if (rules->given && !rules->count)
        hf_fault(faults, rules->pos, "'%s' is empty: %s", key, advice);
}

static void check_rest(struct hf_faults *faults, const struct hf_node *map, const struct hf_endpoint *endpoint)
{
    const struct hf_node *access = hf_node_find(map, "access"), *rules = hf_node_find(map, "rules");
    const struct hf_node *tls = hf_node_find(map, "tls");

    if (access && rules)
        hf_fault(faults, hf_pos_is_before(access->key->pos, rules->key->pos) ? rules->key->pos : access->key->pos,
                 "an endpoint has 'access' or 'rules', not both: each says alone which requests are allowed");
    else if (!access && !rules)
        hf_fault(faults, hf_node_find(map, "protocol")->key->pos,
                 "an endpoint with 'protocol: rest' has 'access' or 'rules': write 'access: full' if all requests but "
                 "those of deny_rules are to be allowed");
    if (tls && (hf_node_is(tls, "skip") || hf_node_is(tls, "passthrough")))
        hf_fault(faults, tls->pos, "'tls: %s' leaves requests unseen, and with 'protocol: rest' they are to be judged: take "
                                   "out one of the two", tls->text);
    check_rules(faults, &endpoint->rules, "rules", "no request would be allowed, so leave the endpoint out");
    check_rules(faults, &endpoint->deny_rules, "deny_rules", "leave it out");
}

static void note_protocol(struct hf_faults *faults, const struct hf_node *protocol)
{
    static const char *const others[] = {"protocol: tcp", "protocol: websocket", "protocol: graphql", "protocol: sql",
                                         "protocol: json-rpc", "protocol: mcp"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (hf_node_is(protocol, others[i] + strlen("protocol: ")))
            hf_note_unenforced(faults, others[i], protocol->key->pos);
}

void hf_check_requests(struct hf_faults *faults, const struct hf_node *map, const void *target)
{
    static const char *const keys[] = {"access", "enforcement", "rules", "deny_rules"};
    const struct hf_endpoint *endpoint = target;
    const struct hf_node *protocol = hf_node_find(map, "protocol");

    if (endpoint->protocol == HF_PROTOCOL_REST) {
        check_rest(faults, map, endpoint);
        return;
    }
    if (protocol)
        note_protocol(faults, protocol);
    if (endpoint->tls == HF_TLS_TERMINATE) /* for whom? */
        hf_note_unenforced(faults, "tls", hf_node_find(map, "tls")->key->pos);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const struct hf_node *value = hf_node_find(map, keys[i]);

        if (value && protocol)
            hf_note_unenforced(faults, keys[i], value->key->pos);
        else if (value)
            hf_fault(faults, value->key->pos, "'%s' is about requests, which are looked at only with 'protocol: rest': add "
                                              "that, or take this out", keys[i]);
    }
}
