/* Readers of sections and of lists and maps of them. */
#include "policy/value.h"

void hf_read_section(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    struct hf_policy *policy = target;

    if (row->section == HF_SECTION_FILESYSTEM)
        policy->filesystem_given = true;
    hf_section_read(faults, row->section, value, target);
}

void hf_read_networks(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    struct hf_policy *policy = target;

    if (!hf_expect(faults, value, HF_NODE_MAP, row->key, "a mapping of network policies"))
        return;
    for (const struct hf_node *item = value->first; item; item = item->next) {
        struct hf_network_policy *grown;

        if (item->is_repeated || item->key->kind != HF_NODE_STRING ||
            !hf_check_text(faults, item->key, "the key of a network policy"))
            continue;
        grown = hf_grow(faults, policy->networks, policy->network_count, sizeof(*grown));
        if (!grown)
            return;
        policy->networks = grown;
        grown += policy->network_count++;
        *grown = (struct hf_network_policy){.key = hf_copy(faults, item->key->text, item->key->length),
                                            .pos = item->key->pos};
        hf_section_read(faults, HF_SECTION_NETWORK, item, grown);
    }
}

void hf_read_endpoints(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    struct hf_network_policy *network = target;

    if (!hf_expect(faults, value, HF_NODE_LIST, row->key, "a list of endpoints"))
        return;
    for (const struct hf_node *item = value->first; item; item = item->next) {
        struct hf_endpoint *grown = hf_grow(faults, network->endpoints, network->endpoint_count, sizeof(*grown));

        if (!grown)
            return;
        network->endpoints = grown;
        grown += network->endpoint_count++;
        *grown = (struct hf_endpoint){.pos = item->pos};
        hf_section_read(faults, HF_SECTION_ENDPOINT, item, grown);
    }
}

void hf_read_binaries(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    struct hf_path_list *list = hf_field(target, row->value);

    if (!hf_expect(faults, value, HF_NODE_LIST, row->key, "a list of binaries"))
        return;
    list->given = true;
    list->pos = value->pos;
    for (const struct hf_node *item = value->first; item; item = item->next) {
        struct hf_path *grown = hf_grow(faults, list->items, list->count, sizeof(*grown));

        if (!grown)
            return;
        list->items = grown;
        grown += list->count++;
        *grown = (struct hf_path){.pos = item->pos};
        hf_section_read(faults, HF_SECTION_BINARY, item, grown);
    }
}
