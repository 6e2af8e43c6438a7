/* First what is denied, then what is allowed; what neither has is not. */
#include "rest/judge.h"

#include "base/glob.h"
#include "proxy/field.h"
#include "rest/query.h"

static bool is_method(struct hf_span method, const char *word)
{
    return method.length == strlen(word) && !memcmp(method.at, word, method.length);
}

const char *hf_rest_preset_name(enum hf_preset access)
{
    return access == HF_PRESET_READ_ONLY ? "read-only" : access == HF_PRESET_READ_WRITE ? "read-write" : "full";
}

bool hf_rest_preset_has(enum hf_preset access, struct hf_span method)
{
    static const char *const reading[] = {"GET", "HEAD", "OPTIONS"}, *const writing[] = {"POST", "PUT", "PATCH"};

    for (size_t i = 0; i < sizeof(reading) / sizeof(reading[0]); i++)
        if (access != HF_PRESET_OMITTED && is_method(method, reading[i]))
            return true;
    for (size_t i = 0; i < sizeof(writing) / sizeof(writing[0]); i++)
        if (access == HF_PRESET_READ_WRITE && is_method(method, writing[i]))
            return true;
    return access == HF_PRESET_FULL;
}

static bool has_method(const struct hf_request_rule *rule, struct hf_span method)
{
    return !strcmp(rule->method.text, "*") || is_method(method, rule->method.text);
}

/* Many servers have one thing at /a, /a/ and /A, and what is denied is denied at all of them. */
static bool denies_path(const char *pattern, const struct hf_rest_target *target)
{
    char other[HF_REST_TARGET_MAX + 2];
    const size_t length = strlen(target->path);

    if (hf_glob_match_any_case(pattern, target->path))
        return true;
    memcpy(other, target->path, length + 1);
    if (other[length - 1] == '/')
        other[length - 1] = '\0';
    else
        memcpy(other + length, "/", 2);
    return hf_glob_match_any_case(pattern, other);
}

static bool denies(const struct hf_request_rule *rule, struct hf_span method, const struct hf_rest_target *target)
{
    if (!(has_method(rule, method) || hf_is_word(method, rule->method.text)) || !denies_path(rule->path.text, target))
        return false;
    for (size_t i = 0; i < rule->query_count; i++)
        if (!hf_rest_query_has(&rule->queries[i], target->query))
            return false;
    return true;
}

static enum hf_rest_half try_rule(const struct hf_request_rule *rule, struct hf_span method,
                                  const struct hf_rest_target *target)
{
    if (!hf_glob_match(rule->path.text, target->path))
        return HF_REST_PATH;
    if (!has_method(rule, method))
        return HF_REST_METHOD;
    for (size_t i = 0; i < rule->query_count; i++)
        if (!hf_rest_query_allows(&rule->queries[i], target->query))
            return HF_REST_QUERY;
    return HF_REST_ALLOWED;
}

static bool look_at_query(const struct hf_request_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->items[i].query_count)
            return true;
    return false;
}

struct hf_rest_verdict hf_rest_judge(const struct hf_endpoint *endpoint, struct hf_span method,
                                     const struct hf_rest_target *target)
{
    struct hf_rest_verdict best = {.half = HF_REST_PATH};

    if (look_at_query(&endpoint->rules) || look_at_query(&endpoint->deny_rules))
        best.query_problem = hf_rest_query_problem(target->query);
    if (best.query_problem) {
        best.half = HF_REST_QUERY;
        return best;
    }
    for (size_t i = 0; i < endpoint->deny_rules.count; i++)
        if (denies(&endpoint->deny_rules.items[i], method, target))
            return (struct hf_rest_verdict){.half = HF_REST_DENY_RULE, .rule = &endpoint->deny_rules.items[i]};
    if (endpoint->access != HF_PRESET_OMITTED)
        best.half = hf_rest_preset_has(endpoint->access, method) ? HF_REST_ALLOWED : HF_REST_METHOD;
    for (size_t i = 0; i < endpoint->rules.count && best.half != HF_REST_ALLOWED; i++) {
        const enum hf_rest_half half = try_rule(&endpoint->rules.items[i], method, target);

        if (half < best.half)
            best = (struct hf_rest_verdict){.half = half, .rule = &endpoint->rules.items[i]};
    }
    return best;
}

/* CGI and its like have no hyphens: '_' in a name is one to them. */
static bool is_field(struct hf_span name, const char *word)
{
    if (name.length != strlen(word))
        return false;
    for (size_t i = 0; i < name.length; i++)
        if (hf_lower(name.at[i]) != word[i] && !(name.at[i] == '_' && word[i] == '-'))
            return false;
    return true;
}

static bool is_in_list(const char *word, struct hf_span list)
{
    while (list.length)
        if (hf_is_word(hf_trim(hf_word_take(&list, ',')), word))
            return true;
    return false;
}

const char *hf_rest_field_problem(struct hf_span name, struct hf_span value, struct hf_span method)
{
    static const char *const methods[] = {"x-http-method-override", "x-http-method", "x-method-override"};
    static const char *const paths[] = {"x-original-url", "x-rewrite-url"};

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (is_field(name, methods[i]) && !hf_same_word(value, method))
            return "a header field that makes some servers take it for a request of another method";
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (is_field(name, paths[i]))
            return "a header field that makes some servers take it for a request for another path";
    if (hf_is_word(name, "upgrade") && is_in_list("websocket", value))
        return "an upgrade to WebSocket, whose messages no rule is asked of";
    return NULL;
}
