/* Readers of single values: numbers, words, names. */
#include "policy/value.h"

#include "policy/check.h"
#include "policy/host.h"
#include "policy/scalar.h"

#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 255 /* of a network policy, a user, a group; LOGIN_NAME_MAX is 256 with its NUL */

bool hf_expect(struct hf_faults *faults, const struct hf_node *value, enum hf_node_kind kind, const char *key,
               const char *what)
{
    bool is_shown = value->text && value->kind != HF_NODE_NULL;
    const char *hint = "";

    if (value->kind == kind)
        return true;
    if (value->kind == HF_NODE_BROKEN)
        return false;
    if (value->kind == HF_NODE_NULL)
        hint = kind == HF_NODE_LIST  ? " (write [] for an empty list)"
               : kind == HF_NODE_MAP ? " (write {} for an empty mapping)"
                                     : "";
    else if (kind == HF_NODE_LIST && value->kind > HF_NODE_NULL)
        hint = " (put it in brackets: [...])";
    else if (kind == HF_NODE_STRING && value->kind < HF_NODE_STRING && value->kind > HF_NODE_NULL)
        hint = " (put it in quotes if it is meant as text)";
    else if (value->kind == HF_NODE_STRING && (kind == HF_NODE_INTEGER || kind == HF_NODE_BOOLEAN) &&
             hf_scalar_kind(value->text, value->length) == kind)
        hint = " (take the quotes away)";
    hf_fault(faults, value->pos, "expected %s for '%s', got %s%s%s%s", what, key, hf_node_kind_name(value),
             is_shown ? " " : "", is_shown ? hf_quote(value->text, value->length).text : "", hint);
    return false;
}

void hf_read_version(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    (void)target;
    if (hf_expect(faults, value, HF_NODE_INTEGER, row->key, "the integer 1") && !hf_node_is(value, "1"))
        hf_fault(faults, value->pos, "unknown version %s: the only one is 1",
                 hf_quote(value->text, value->length).text);
}

/* Three digits at most: what this version does not know yet is the plan's to refuse, for the same file may go to a newer
 * one. */
void hf_read_min_abi(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    unsigned *field = hf_field(target, row->value);
    unsigned long abi = 0;

    if (!hf_expect(faults, value, HF_NODE_INTEGER, row->key, "a landlock ABI"))
        return;
    if (strspn(value->text, "0123456789") == value->length && value->text[0] != '0' && value->length <= 3)
        abi = strtoul(value->text, NULL, 10);
    if (abi < HF_LEAST_MIN_ABI) {
        hf_fault(faults, value->pos, "%s is not an ABI for '%s': write it in decimal, from %d (hard_requirement never "
                                     "accepts less) to 999", hf_quote(value->text, value->length).text, row->key,
                 HF_LEAST_MIN_ABI);
        return;
    }
    *field = (unsigned)abi;
    hf_keep_pos(value, row, target);
}

static bool is_word_for_boolean(const struct hf_node *value)
{
    static const char *const words[] = {"yes", "no", "on", "off", "y", "n"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (value->kind == HF_NODE_STRING && strlen(value->text) == value->length &&
            strcasecmp(value->text, words[i]) == 0)
            return true;
    return value->kind == HF_NODE_BOOLEAN && !hf_node_is(value, "true") && !hf_node_is(value, "false");
}

void hf_read_boolean(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    enum hf_tristate *field = hf_field(target, row->value);

    if (is_word_for_boolean(value))
        hf_fault(faults, value->pos, "expected true or false for '%s', got %s: write true or false", row->key,
                 hf_quote(value->text, value->length).text);
    else if (hf_expect(faults, value, HF_NODE_BOOLEAN, row->key, "true or false")) {
        *field = hf_node_is(value, "true") ? HF_TRUE : HF_FALSE;
        hf_keep_pos(value, row, target);
    }
}

bool hf_check_text(struct hf_faults *faults, const struct hf_node *node, const char *what)
{
    if (node->length == 0) {
        hf_fault(faults, node->pos, "%s is empty", what);
        return false;
    }
    for (size_t i = 0; i < node->length; i++) {
        unsigned char byte = (unsigned char)node->text[i];

        if (byte < 0x20 || byte == 0x7f) {
            hf_fault(faults, node->pos, "%s has a control character (0x%02x) in it: %s", what, byte,
                     hf_quote(node->text, node->length).text);
            return false;
        }
    }
    if (node->length > NAME_BYTES) {
        hf_fault(faults, node->pos, "%s is longer than %d bytes: %s", what, NAME_BYTES,
                 hf_quote(node->text, node->length).text);
        return false;
    }
    return true;
}

void hf_read_name(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    char **field = hf_field(target, row->value);

    if (hf_expect(faults, value, HF_NODE_STRING, row->key, "a string") && hf_check_text(faults, value, "the name"))
        *field = hf_copy(faults, value->text, value->length);
}

/* A number is kept as it is written, so 010 must not be read as 8 here and as 10 there; 4294967295 is (uid_t)-1, which
 * setresuid(2) takes for "leave it as it is". */
static bool check_id(struct hf_faults *faults, const struct hf_node *value, const char *key)
{
    bool is_decimal = strspn(value->text, "0123456789") == value->length;

    if (is_decimal && (value->length == 1 || value->text[0] != '0') && value->length <= 10 &&
        strtoull(value->text, NULL, 10) < UINT32_MAX)
        return true;
    hf_fault(faults, value->pos, "%s is not a number for '%s': write it in decimal, from 0 to 4294967294",
             hf_quote(value->text, value->length).text, key);
    return false;
}

void hf_read_identity(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    char **field = hf_field(target, row->value);

    if (value->kind != HF_NODE_INTEGER && !hf_expect(faults, value, HF_NODE_STRING, row->key, "a name or a number"))
        return;
    hf_keep_pos(value, row, target);
    if (!hf_check_text(faults, value, "the name"))
        return;
    if (value->kind == HF_NODE_INTEGER || strspn(value->text, "0123456789") == value->length) {
        if (!check_id(faults, value, row->key))
            return;
    } else if (strpbrk(value->text, " :,/") || value->text[0] == '-' || value->text[0] == '+') {
        hf_fault(faults, value->pos, "%s is not a name for '%s': no blank, ':', ',' or '/', and no sign before it",
                 hf_quote(value->text, value->length).text, row->key);
        return;
    }
    *field = hf_copy(faults, value->text, value->length);
}

void hf_read_host(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    char **field = hf_field(target, row->value);
    char host[HF_HOST_MAX + 1];
    const char *problem;

    if (!hf_expect(faults, value, HF_NODE_STRING, row->key, "a host"))
        return;
    problem = hf_host_read(value->text, value->length, host);
    if (problem)
        hf_fault(faults, value->pos, "%s is not a host: %s", hf_quote(value->text, value->length).text, problem);
    else
        *field = hf_copy(faults, host, strlen(host));
}

static void add_port(struct hf_faults *faults, const struct hf_node *value, const char *key,
                     struct hf_endpoint *endpoint)
{
    unsigned long port = 0;
    uint16_t *grown;

    if (!hf_expect(faults, value, HF_NODE_INTEGER, key, "a port from 1 to 65535"))
        return;
    if (strspn(value->text, "0123456789") == value->length && value->text[0] != '0' && value->length <= 5)
        port = strtoul(value->text, NULL, 10);
    if (port < 1 || port > UINT16_MAX) {
        hf_fault(faults, value->pos, "%s is not a port: write it in decimal, from 1 to 65535",
                 hf_quote(value->text, value->length).text);
        return;
    }
    grown = hf_grow(faults, endpoint->ports, endpoint->port_count, sizeof(*grown));
    if (!grown)
        return;
    endpoint->ports = grown;
    endpoint->ports[endpoint->port_count++] = (uint16_t)port;
}

void hf_read_port(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    add_port(faults, value, row->key, target);
}

void hf_read_ports(struct hf_faults *faults, const struct hf_node *value, const struct hf_row *row, void *target)
{
    if (!hf_expect(faults, value, HF_NODE_LIST, row->key, "a list of ports"))
        return;
    if (!value->first)
        hf_fault(faults, value->pos, "'ports' is empty: list the ports that may be reached");
    for (const struct hf_node *item = value->first; item; item = item->next)
        add_port(faults, item, row->key, target);
}
