/* The plan as JSON, for `holdfast plan --json` and the report. */
#include "plan/errata.h"
#include "plan/plan.h"
#include "plan/promise.h"
#include "plan/requests.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

void hf_json_append(json_t **array, json_t *item)
{
    if (json_array_append_new(*array, item) == 0)
        return;
    json_decref(*array);
    *array = NULL;
}

json_t *hf_text_json(const char *text)
{
    const size_t length = strlen(text), worst = 4;
    hf_autofree char *escaped = malloc(length * worst + 1);
    size_t used = 0;

    if (!escaped)
        return NULL;
    for (size_t at = 0; at < length;) {
        unsigned character;
        const size_t size = hf_utf8_decode((const unsigned char *)text + at, length - at, &character);

        if (size)
            memcpy(escaped + used, text + at, size);
        else
            sprintf(escaped + used, "\\x%02x", (unsigned char)text[at]);
        used += size ? size : worst;
        at += size ? size : 1;
    }
    return json_stringn(escaped, used);
}

static json_t *optional_json(const char *text)
{
    return text ? hf_text_json(text) : json_null();
}

json_t *hf_rights_json(enum hf_right_class class, uint64_t set)
{
    json_t *names = json_array();

    for (size_t i = 0; i < hf_right_count; i++)
        if (hf_rights[i].class == class && (hf_rights[i].bit & set))
            hf_json_append(&names, json_string(hf_rights[i].name));
    return names;
}

json_t *hf_origin_json(const struct hf_origin *origin)
{
    if (!origin->line)
        return json_string(hf_origin_name(origin->kind));
    return json_sprintf("%s:%s", hf_origin_name(origin->kind), hf_origin_place(origin).text);
}

json_t *hf_limits_json(const struct hf_plan *plan)
{
    json_t *limits = json_array();

    for (size_t i = 0; i < plan->limit_count; i++)
        hf_json_append(&limits, json_pack("{s:s, s:i, s:s}", "right", plan->limits[i].right, "since_abi",
                                          plan->limits[i].since, "consequence", plan->limits[i].consequence));
    return limits;
}

static json_t *rules_json(const struct hf_plan *plan)
{
    json_t *rules = json_array();

    for (size_t i = 0; i < plan->rule_count; i++) {
        const struct hf_rule *rule = &plan->rules[i];

        hf_json_append(&rules, json_pack("{s:o, s:o, s:o}", "path", hf_text_json(rule->path), "at_most",
                                         hf_rights_json(HF_RIGHT_FS, rule->access), "origin",
                                         hf_origin_json(&rule->origin)));
    }
    return rules;
}

/* NULL where there are none, too. */
static json_t *ranges_json(const struct hf_endpoint *endpoint)
{
    json_t *ranges = endpoint->range_count ? json_array() : NULL;
    char address[HF_ADDRESS_TEXT_MAX];

    for (size_t i = 0; i < endpoint->range_count; i++)
        hf_json_append(&ranges, json_sprintf("%s/%u", hf_address_text(&endpoint->ranges[i].network, address),
                                             endpoint->ranges[i].bits));
    return ranges;
}

static json_t *endpoint_json(const struct hf_endpoint *endpoint)
{
    const struct hf_origin origin = hf_policy_origin(endpoint->pos);
    json_t *ports = json_array(), *ranges = ranges_json(endpoint), *requests = hf_requests_json(endpoint);

    if ((endpoint->range_count && !ranges) || (endpoint->protocol == HF_PROTOCOL_REST && !requests)) {
        json_decref(ports);
        json_decref(ranges);
        json_decref(requests);
        return NULL;
    }
    for (size_t i = 0; i < endpoint->port_count; i++)
        hf_json_append(&ports, json_integer(endpoint->ports[i]));
    return json_pack("{s:s, s:o, s:o*, s:o*, s:o}", "host", endpoint->host, "ports", ports, "allowed_ips",
                     ranges, "requests", requests, "origin", hf_origin_json(&origin));
}

static json_t *endpoints_json(const struct hf_plan *plan)
{
    json_t *all = json_array();

    for (size_t i = 0; i < plan->network_count; i++)
        for (size_t j = 0; j < plan->networks[i].endpoint_count; j++)
            hf_json_append(&all, endpoint_json(&plan->networks[i].endpoints[j]));
    return all;
}

json_t *hf_plan_json(const struct hf_plan *plan)
{
    return json_pack("{s:s, s:o, s:s, s:o, s:i, s:o, s:b, s:i, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
                     "s:o}",
                     "mode", hf_mode_name(plan->mode), "mode_origin", hf_origin_json(&plan->mode_origin),
                     "compatibility", hf_compatibility_name(plan->compatibility), "compatibility_origin",
                     hf_origin_json(&plan->compatibility_origin), "min_abi", plan->min_abi, "min_abi_origin",
                     hf_origin_json(&plan->min_abi_origin), "landlock", plan->landlock, "abi", plan->abi, "handled",
                     "fs", hf_rights_json(HF_RIGHT_FS, plan->handled_fs), "net",
                     hf_rights_json(HF_RIGHT_NET, plan->handled_net), "scoped",
                     hf_rights_json(HF_RIGHT_SCOPE, plan->scoped), "rules", rules_json(plan), "endpoints",
                     endpoints_json(plan), "workdir", optional_json(plan->workdir), "run_as_user",
                     optional_json(plan->user), "run_as_group", optional_json(plan->group), "limited",
                     hf_bounds_json(plan), "limits", hf_limits_json(plan), "promises", hf_promises_json(plan), "errata",
                     hf_errata_json(&plan->facts));
}
