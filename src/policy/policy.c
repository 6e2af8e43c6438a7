/* From the bytes of a policy to the policy: tree, schema. */
#include "policy/policy.h"

#include "policy/judge.h"
#include "policy/schema.h"
#include "policy/yaml.h"

#include <stdlib.h>

#define POLICY_BYTES (1024 * 1024)

static void judge(struct hf_faults *faults, const char *bytes, size_t length, hf_tree_reader *read,
                  struct hf_tree *tree, struct hf_policy *policy)
{
    if (length > POLICY_BYTES)
        hf_fault(faults, (struct hf_pos){0}, "larger than 1 MiB: a policy is at most that long");
    else if (!read(tree, faults, bytes, length))
        return;
    else if (!tree->root || tree->root->kind == HF_NODE_NULL)
        hf_fault(faults, tree->root ? tree->root->pos : (struct hf_pos){.line = 1, .column = 1},
                 "there is no policy in the file: begin it with 'version: 1'");
    else
        hf_section_read(faults, HF_SECTION_TOP, tree->root, policy);
}

bool hf_policy_judge(const char *bytes, size_t length, hf_tree_reader *read, struct hf_tree *tree,
                     struct hf_policy *policy, struct hf_diagnostics *diagnostics)
{
    struct hf_faults faults = {.list = diagnostics, .policy = policy};

    *tree = (struct hf_tree){0};
    *policy = (struct hf_policy){0};
    *diagnostics = (struct hf_diagnostics){0};
    judge(&faults, bytes, length, read, tree, policy);
    if (diagnostics->count == 0 && !faults.out_of_memory)
        return true;
    if (faults.out_of_memory)
        hf_fault(&faults, (struct hf_pos){0}, "out of memory while the policy was read");
    hf_policy_free(policy);
    return false;
}

bool hf_policy_parse(const char *text, size_t length, struct hf_policy *policy, struct hf_diagnostics *diagnostics)
{
    struct hf_tree tree;
    const bool valid = hf_policy_judge(text, length, hf_yaml_tree, &tree, policy, diagnostics);

    hf_tree_free(&tree);
    return valid;
}

static void free_paths(struct hf_path_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].path);
    free(list->items);
}

static void free_rules(struct hf_request_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct hf_request_rule *rule = &rules->items[i];

        for (size_t j = 0; j < rule->query_count; j++) {
            for (size_t k = 0; k < rule->queries[j].value_count; k++)
                free(rule->queries[j].values[k].text);
            free(rule->queries[j].values);
            free(rule->queries[j].name);
        }
        free(rule->queries);
        free(rule->method.text);
        free(rule->path.text);
    }
    free(rules->items);
}

static void free_network(struct hf_network_policy *network)
{
    for (size_t i = 0; i < network->endpoint_count; i++) {
        free(network->endpoints[i].host);
        free(network->endpoints[i].ports);
        free(network->endpoints[i].ranges);
        free_rules(&network->endpoints[i].rules);
        free_rules(&network->endpoints[i].deny_rules);
    }
    free(network->endpoints);
    free_paths(&network->binaries);
    free(network->key);
    free(network->name);
}

void hf_policy_free(struct hf_policy *policy)
{
    free_paths(&policy->read_only);
    free_paths(&policy->read_write);
    free(policy->run_as_user);
    free(policy->run_as_group);
    for (size_t i = 0; i < policy->network_count; i++)
        free_network(&policy->networks[i]);
    free(policy->networks);
    free(policy->unenforced);
    for (size_t i = 0; i < policy->field_count; i++)
        free(policy->fields[i]);
    free(policy->fields);
    *policy = (struct hf_policy){0};
}

bool hf_policy_names_programs(const struct hf_policy *policy)
{
    for (size_t i = 0; i < policy->network_count; i++)
        if (policy->networks[i].binaries.given)
            return true;
    return false;
}

bool hf_policy_terminates(const struct hf_policy *policy)
{
    for (size_t i = 0; i < policy->network_count; i++)
        for (size_t j = 0; j < policy->networks[i].endpoint_count; j++)
            if (hf_endpoint_terminates(&policy->networks[i].endpoints[j]))
                return true;
    return false;
}

bool hf_endpoint_terminates(const struct hf_endpoint *endpoint)
{
    return endpoint->protocol == HF_PROTOCOL_REST && endpoint->tls == HF_TLS_TERMINATE;
}
