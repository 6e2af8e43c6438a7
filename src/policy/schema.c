/* The keys of a policy. To add one, add a row (and a field to policy.h for it to fill). */
#include "policy/schema.h"

#include "policy/check.h"
#include "policy/placeholder.h"
#include "policy/request.h"
#include "policy/value.h"

#include <string.h>

#define POLICY(field) offsetof(struct hf_policy, field)
#define BOUND(id) POLICY(bounds) + HF_BOUND_##id * sizeof(struct hf_bound)
#define NETWORK(field) offsetof(struct hf_network_policy, field)
#define ENDPOINT(field) offsetof(struct hf_endpoint, field)
#define REQUEST(field) offsetof(struct hf_request_rule, field)
#define BINARY(field) offsetof(struct hf_path, field)

static const struct hf_row rows[] = {
    {.in = HF_SECTION_TOP, .key = "version", .read = hf_read_version,
     .missing = "'version' is missing: begin the policy with 'version: 1'"},
    {.in = HF_SECTION_TOP, .key = "filesystem_policy", .read = hf_read_section, .section = HF_SECTION_FILESYSTEM},
    {.in = HF_SECTION_TOP, .key = "landlock", .read = hf_read_section, .section = HF_SECTION_LANDLOCK},
    {.in = HF_SECTION_TOP, .key = "process", .read = hf_read_section, .section = HF_SECTION_PROCESS},
    {.in = HF_SECTION_TOP, .key = "resources", .read = hf_read_section, .section = HF_SECTION_RESOURCES},
    {.in = HF_SECTION_TOP, .key = "network_policies", .read = hf_read_networks},
    {.in = HF_SECTION_TOP, .key = "network_middlewares", .read = hf_read_named_sections,
     .section = HF_SECTION_MIDDLEWARE, .unenforced = true},

    {.in = HF_SECTION_FILESYSTEM, .key = "include_workdir", .read = hf_read_boolean, .value = POLICY(include_workdir),
     .pos = POLICY(include_workdir_pos)},
    {.in = HF_SECTION_FILESYSTEM, .key = "read_only", .read = hf_read_paths, .value = POLICY(read_only)},
    {.in = HF_SECTION_FILESYSTEM, .key = "read_write", .read = hf_read_writable_paths, .value = POLICY(read_write)},

    {.in = HF_SECTION_LANDLOCK, .key = "compatibility", .read = hf_read_compatibility, .value = POLICY(compatibility),
     .pos = POLICY(compatibility_pos), .words = {"best_effort", "hard_requirement"}},
    {.in = HF_SECTION_LANDLOCK, .key = "min_abi", .read = hf_read_min_abi, .value = POLICY(min_abi),
     .pos = POLICY(min_abi_pos)},

    {.in = HF_SECTION_PROCESS, .key = "run_as_user", .read = hf_read_identity, .value = POLICY(run_as_user),
     .pos = POLICY(run_as_user_pos)},
    {.in = HF_SECTION_PROCESS, .key = "run_as_group", .read = hf_read_identity, .value = POLICY(run_as_group),
     .pos = POLICY(run_as_group_pos)},
    {.in = HF_SECTION_PROCESS, .key = "limits", .read = hf_read_section, .section = HF_SECTION_LIMITS},

    {.in = HF_SECTION_LIMITS, .key = "open_files", .read = hf_read_bound, .value = BOUND(OPEN_FILES)},
    {.in = HF_SECTION_LIMITS, .key = "processes", .read = hf_read_bound, .value = BOUND(PROCESSES)},
    {.in = HF_SECTION_LIMITS, .key = "file_size", .read = hf_read_bound, .value = BOUND(FILE_SIZE)},
    {.in = HF_SECTION_LIMITS, .key = "cpu_time", .read = hf_read_bound, .value = BOUND(CPU_TIME)},
    {.in = HF_SECTION_LIMITS, .key = "address_space", .read = hf_read_bound, .value = BOUND(ADDRESS_SPACE)},
    {.in = HF_SECTION_LIMITS, .key = "core", .read = hf_read_bound, .value = BOUND(CORE)},

    {.in = HF_SECTION_RESOURCES, .key = "memory", .read = hf_read_bound, .value = BOUND(MEMORY)},
    {.in = HF_SECTION_RESOURCES, .key = "pids", .read = hf_read_bound, .value = BOUND(PIDS)},
    {.in = HF_SECTION_RESOURCES, .key = "cpu", .read = hf_read_bound, .value = BOUND(CPU)},

    {.in = HF_SECTION_NETWORK, .key = "name", .read = hf_read_name, .value = NETWORK(name)},
    {.in = HF_SECTION_NETWORK, .key = "endpoints", .read = hf_read_endpoints},
    {.in = HF_SECTION_NETWORK, .key = "binaries", .read = hf_read_binaries, .value = NETWORK(binaries)},

    {.in = HF_SECTION_ENDPOINT, .key = "host", .read = hf_read_host, .value = ENDPOINT(host),
     .missing = "'host' is missing: an endpoint names the host that may be reached"},
    {.in = HF_SECTION_ENDPOINT, .key = "port", .read = hf_read_port},
    {.in = HF_SECTION_ENDPOINT, .key = "ports", .read = hf_read_ports},
    {.in = HF_SECTION_ENDPOINT, .key = "allowed_ips", .read = hf_read_ranges},
    {.in = HF_SECTION_ENDPOINT, .key = "protocol", .read = hf_read_protocol, .value = ENDPOINT(protocol),
     .words = {"tcp", "rest", "websocket", "graphql", "sql", "json-rpc", "mcp"}},
    {.in = HF_SECTION_ENDPOINT, .key = "tls", .read = hf_read_tls, .value = ENDPOINT(tls), .pos = ENDPOINT(tls_pos),
     .words = {"terminate", "passthrough", "skip"}},
    {.in = HF_SECTION_ENDPOINT, .key = "enforcement", .read = hf_read_enforcement, .value = ENDPOINT(is_audited),
     .words = {"enforce", "audit"}},
    {.in = HF_SECTION_ENDPOINT, .key = "access", .read = hf_read_access, .value = ENDPOINT(access),
     .pos = ENDPOINT(access_pos), .words = {"read-only", "read-write", "full"}},
    {.in = HF_SECTION_ENDPOINT, .key = "path", .read = hf_read_text, .unenforced = true},
    {.in = HF_SECTION_ENDPOINT, .key = "rules", .read = hf_read_rules, .value = ENDPOINT(rules),
     .section = HF_SECTION_RULE},
    {.in = HF_SECTION_ENDPOINT, .key = "deny_rules", .read = hf_read_rules, .value = ENDPOINT(deny_rules),
     .section = HF_SECTION_REQUEST},
    {.in = HF_SECTION_ENDPOINT, .key = "mcp", .read = hf_read_section, .section = HF_SECTION_MCP, .unenforced = true},

    {.in = HF_SECTION_BINARY, .key = "path", .read = hf_read_binary_path, .value = BINARY(path), .pos = BINARY(pos),
     .missing = "'path' is missing: a binary is written as 'path: /usr/bin/curl'"},

    {.in = HF_SECTION_RULE, .key = "allow", .read = hf_read_section, .section = HF_SECTION_REQUEST,
     .missing = "'allow' is missing: a rule is written as 'allow: {method: GET, path: /}'"},
    {.in = HF_SECTION_REQUEST, .key = "method", .read = hf_read_pattern, .value = REQUEST(method)},
    {.in = HF_SECTION_REQUEST, .key = "path", .read = hf_read_pattern, .value = REQUEST(path)},
    {.in = HF_SECTION_REQUEST, .key = "query", .read = hf_read_queries},

    {.in = HF_SECTION_MCP, .key = "max_body_bytes", .read = hf_read_count},
    {.in = HF_SECTION_MCP, .key = "allow_all_known_mcp_methods", .read = hf_read_flag},

    {.in = HF_SECTION_MIDDLEWARE, .key = "name", .read = hf_read_text},
    {.in = HF_SECTION_MIDDLEWARE, .key = "middleware", .read = hf_read_text,
     .missing = "'middleware' is missing: it names what the requests go through"},
    {.in = HF_SECTION_MIDDLEWARE, .key = "order", .read = hf_read_count},
    {.in = HF_SECTION_MIDDLEWARE, .key = "config", .read = hf_read_anything}, /* the middleware's own */
    {.in = HF_SECTION_MIDDLEWARE, .key = "on_error", .read = hf_read_word, .words = {"fail_closed", "fail_open"}},
    {.in = HF_SECTION_MIDDLEWARE, .key = "endpoints", .read = hf_read_section,
     .section = HF_SECTION_MIDDLEWARE_HOSTS},
    {.in = HF_SECTION_MIDDLEWARE_HOSTS, .key = "include", .read = hf_read_texts},
    {.in = HF_SECTION_MIDDLEWARE_HOSTS, .key = "exclude", .read = hf_read_texts},
};

/* How messages call a section, and what is checked when all of its keys are read. */
static const struct {
    const char *name;
    void (*check)(struct hf_faults *faults, const struct hf_node *map, const void *target);
} sections[HF_SECTION_COUNT] = {
    [HF_SECTION_TOP] = {.name = "the policy"},
    [HF_SECTION_FILESYSTEM] = {.name = "filesystem_policy", .check = hf_check_filesystem},
    [HF_SECTION_LANDLOCK] = {.name = "landlock"},
    [HF_SECTION_PROCESS] = {.name = "process"},
    [HF_SECTION_LIMITS] = {.name = "process.limits"},
    [HF_SECTION_RESOURCES] = {.name = "resources"},
    [HF_SECTION_NETWORK] = {.name = "a network policy"},
    [HF_SECTION_ENDPOINT] = {.name = "an endpoint", .check = hf_check_endpoint},
    [HF_SECTION_BINARY] = {.name = "a binary"},
    [HF_SECTION_RULE] = {.name = "a rule"},
    [HF_SECTION_REQUEST] = {.name = "a request of a rule"},
    [HF_SECTION_MCP] = {.name = "mcp"},
    [HF_SECTION_MIDDLEWARE] = {.name = "a middleware"},
    [HF_SECTION_MIDDLEWARE_HOSTS] = {.name = "a middleware's endpoints"},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct hf_row *find_row(enum hf_section section, const struct hf_node *key)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].in == section && hf_node_is(key, rows[i].key))
            return &rows[i];
    return NULL;
}

/* Sections of which a policy has one, so that a key astray can be told where it belongs. */
static bool is_single(enum hf_section section)
{
    return section <= HF_SECTION_RESOURCES;
}

static void unknown_key(struct hf_faults *faults, enum hf_section section, const struct hf_node *key)
{
    const char *known[ROW_COUNT], *nearest;
    struct hf_quoted quoted = hf_quote(key->text, key->length);
    size_t count = 0;

    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].in == section)
            known[count++] = rows[i].key;
        else if (is_single(section) && is_single(rows[i].in) && hf_node_is(key, rows[i].key)) {
            hf_fault(faults, key->pos, "unknown key %s in %s (it belongs in %s)", quoted.text, sections[section].name,
                     sections[rows[i].in].name);
            return;
        }
    }
    nearest = hf_nearest(key->text, known, count);
    if (nearest)
        hf_fault(faults, key->pos, "unknown key %s in %s (did you mean '%s'?)", quoted.text, sections[section].name,
                 nearest);
    else
        hf_fault(faults, key->pos, "unknown key %s in %s: take it out", quoted.text, sections[section].name);
}

void hf_note_unenforced(struct hf_faults *faults, const char *key, struct hf_pos pos)
{
    struct hf_policy *policy = faults->policy;
    struct hf_unenforced *grown = hf_grow(faults, policy->unenforced, policy->unenforced_count, sizeof(*grown));
    size_t at;

    if (!grown)
        return;
    policy->unenforced = grown;
    for (at = policy->unenforced_count++; at > 0 && hf_pos_is_before(pos, grown[at - 1].pos); at--)
        grown[at] = grown[at - 1];
    grown[at] = (struct hf_unenforced){.key = key, .pos = pos};
}

static void read_value(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    if (row->unenforced)
        hf_note_unenforced(faults, row->key, value->key->pos);
    if (row->read == hf_read_anything || hf_placeholder_check(faults, value))
        row->read(faults, value, row, target);
}

/* What to write for what is no mapping; "key:value" is a string in YAML. */
static const char *mapping_hint(enum hf_section section, const struct hf_node *node)
{
    if (node->kind == HF_NODE_NULL)
        return " (write {} for an empty one)";
    for (size_t i = 0; node->text && i < ROW_COUNT; i++) {
        const size_t length = strlen(rows[i].key);

        if (rows[i].in == section && strncmp(node->text, rows[i].key, length) == 0 && node->text[length] == ':')
            return " (write a space after the ':')";
    }
    return " (write KEY: VALUE)";
}

void hf_section_read(struct hf_faults *faults, enum hf_section section, const struct hf_node *map, void *target)
{
    if (map->kind == HF_NODE_BROKEN)
        return;
    if (map->kind != HF_NODE_MAP) {
        hf_fault(faults, map->pos, "expected a mapping for %s, got %s%s", sections[section].name,
                 hf_node_kind_name(map), mapping_hint(section, map));
        return;
    }
    for (const struct hf_node *value = map->first; value; value = value->next) {
        const struct hf_row *row;

        if (value->is_repeated || value->key->kind != HF_NODE_STRING)
            continue;
        row = find_row(section, value->key);
        if (!row)
            unknown_key(faults, section, value->key);
        else if (value->kind != HF_NODE_BROKEN)
            read_value(faults, value, row, target);
    }
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].in == section && rows[i].missing && !hf_node_find(map, rows[i].key))
            hf_fault(faults, map->pos, "%s", rows[i].missing);
    if (sections[section].check)
        sections[section].check(faults, map, target);
}
