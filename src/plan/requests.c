/* One line or object a rule, each with where it stands. */
#include "plan/requests.h"

#include "base/error.h"
#include "plan/plan.h"
#include "rest/judge.h"

static void print_place(struct hf_pos pos, const char *policy, FILE *stream)
{
    const struct hf_origin origin = hf_policy_origin(pos);

    fputs(" (", stream);
    hf_origin_print(&origin, policy, stream);
    fputs(")\n", stream);
}

static void print_rules(const struct hf_request_rules *rules, const char *word, const char *policy, FILE *stream)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct hf_request_rule *rule = &rules->items[i];

        fprintf(stream, "    %s: %s %s", word, rule->method.text, rule->path.text);
        for (size_t j = 0; j < rule->query_count; j++) {
            fprintf(stream, "%s%s=", j ? " and " : " with ", rule->queries[j].name);
            for (size_t k = 0; k < rule->queries[j].value_count; k++)
                fprintf(stream, "%s\"%s\"", k ? " or " : "", rule->queries[j].values[k].text);
        }
        print_place(rule->pos, policy, stream);
    }
}

void hf_requests_print(const struct hf_endpoint *endpoint, const char *policy, FILE *stream)
{
    if (endpoint->protocol != HF_PROTOCOL_REST)
        return;
    if (hf_endpoint_terminates(endpoint)) {
        fputs("    TLS ends in the proxy", stream);
        print_place(endpoint->tls_pos, policy, stream);
    }
    print_rules(&endpoint->deny_rules, "deny", policy, stream);
    if (endpoint->access != HF_PRESET_OMITTED) {
        fprintf(stream, "    allow: %s", hf_rest_preset_name(endpoint->access));
        print_place(endpoint->access_pos, policy, stream);
    }
    print_rules(&endpoint->rules, "allow", policy, stream);
    fputs(endpoint->is_audited ? "    all else is let through and told (audit)\n" : "    all else is denied\n", stream);
}

static json_t *queries_json(const struct hf_request_rule *rule)
{
    json_t *queries = json_object();

    for (size_t i = 0; queries && i < rule->query_count; i++) {
        json_t *values = json_array();

        for (size_t j = 0; j < rule->queries[i].value_count; j++)
            hf_json_append(&values, json_string(rule->queries[i].values[j].text));
        if (json_object_set_new(queries, rule->queries[i].name, values) < 0) {
            json_decref(queries);
            return NULL;
        }
    }
    return queries;
}

static json_t *rules_json(const struct hf_request_rules *rules)
{
    json_t *all = json_array();

    for (size_t i = 0; i < rules->count; i++) {
        const struct hf_origin origin = hf_policy_origin(rules->items[i].pos);

        hf_json_append(&all, json_pack("{s:s, s:s, s:o, s:o}", "method", rules->items[i].method.text, "path",
                                       rules->items[i].path.text, "query", queries_json(&rules->items[i]), "origin",
                                       hf_origin_json(&origin)));
    }
    return all;
}

json_t *hf_requests_json(const struct hf_endpoint *endpoint)
{
    const bool has_access = endpoint->access != HF_PRESET_OMITTED;

    if (endpoint->protocol != HF_PROTOCOL_REST)
        return NULL;
    return json_pack("{s:s*, s:s, s:s*, s:o, s:o}", "tls", hf_endpoint_terminates(endpoint) ? "terminate" : NULL,
                     "enforcement", endpoint->is_audited ? "audit" : "enforce", "access",
                     has_access ? hf_rest_preset_name(endpoint->access) : NULL, "allow", rules_json(&endpoint->rules),
                     "deny", rules_json(&endpoint->deny_rules));
}
