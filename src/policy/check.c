/* Checks between values. */
#include "policy/check.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/path.h"
#include "policy/range.h"
#include "policy/request.h"

#define WORD_MAX 32 /* longer ones are not compared: no key of ours is near them */

static void too_many(struct hf_faults *faults, const struct hf_path_list *first, const struct hf_path_list *second)
{
    const struct hf_path *over;

    over = first->count > HF_PATHS_MAX ? &first->items[HF_PATHS_MAX] : &second->items[HF_PATHS_MAX - first->count];
    hf_fault(faults, over->pos, "more than %d paths in filesystem_policy (read_only and read_write together: %zu): "
                                "list directories above them instead", HF_PATHS_MAX, first->count + second->count);
}

void hf_check_filesystem(struct hf_faults *faults, const struct hf_node *map, const void *target)
{
    const struct hf_policy *policy = target;
    const struct hf_path_list *first = &policy->read_only, *second = &policy->read_write;

    (void)map;
    if (hf_pos_is_before(second->pos, first->pos)) {
        first = &policy->read_write;
        second = &policy->read_only;
    }
    if (first->count + second->count > HF_PATHS_MAX) {
        too_many(faults, first, second);
        return;
    }
    for (size_t i = 0; i < second->count; i++) {
        for (size_t j = 0; j < first->count; j++) {
            if (!hf_path_is_same(second->items[i].path, first->items[j].path))
                continue;
            hf_fault(faults, second->items[i].pos, "%s is in both read_only and read_write (%s): keep one of them",
                     hf_quote(second->items[i].path, strlen(second->items[i].path)).text,
                     hf_where(first->items[j].pos.line, first->items[j].pos.field).text);
            break;
        }
    }
}

static void check_ranges(struct hf_faults *faults, const struct hf_endpoint *endpoint)
{
    enum hf_address_class class;

    if (!endpoint->host || endpoint->host[0] != '*')
        return;
    for (size_t i = 0; i < endpoint->range_count; i++)
        if (hf_range_class(&endpoint->ranges[i], &class))
            hf_fault(faults, endpoint->ranges[i].pos, "this range is %s, and a host given by a wildcard never reaches "
                                                      "it: name the host in full", hf_address_class_name(class));
}

void hf_check_endpoint(struct hf_faults *faults, const struct hf_node *map, const void *target)
{
    const struct hf_node *port = hf_node_find(map, "port"), *ports = hf_node_find(map, "ports");
    struct hf_pos pos;

    check_ranges(faults, target);
    if (port && ports) {
        pos = hf_pos_is_before(port->key->pos, ports->key->pos) ? ports->key->pos : port->key->pos;
        hf_fault(faults, pos, "an endpoint has 'port' or 'ports', not both");
    } else if (!port && !ports) {
        hf_fault(faults, map->pos, "'port' is missing: an endpoint has 'port: 443' or 'ports: [80, 443]'");
    }
    hf_check_requests(faults, map, target);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool is_alike(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: insertions, deletions, substitutions, and neighbours swapped, each one step. */
static size_t distance(const char *left, size_t left_length, const char *right, size_t right_length)
{
    size_t table[WORD_MAX + 1][WORD_MAX + 1];

    for (size_t i = 0; i <= left_length; i++) {
        for (size_t j = 0; j <= right_length; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = i + j;
                continue;
            }
            table[i][j] = least(least(table[i - 1][j], table[i][j - 1]) + 1,
                                table[i - 1][j - 1] + !is_alike(left[i - 1], right[j - 1]));
            if (i > 1 && j > 1 && is_alike(left[i - 1], right[j - 2]) && is_alike(left[i - 2], right[j - 1]))
                table[i][j] = least(table[i][j], table[i - 2][j - 2] + 1);
        }
    }
    return table[left_length][right_length];
}

const char *hf_nearest(const char *text, const char *const *words, size_t count)
{
    size_t length = strlen(text), best = WORD_MAX;
    const char *nearest = NULL;

    if (length > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t word = strlen(words[i]);
        size_t steps = word <= WORD_MAX ? distance(text, length, words[i], word) : WORD_MAX;

        if (steps < best && steps <= 1 + word / 5) { /* one slip in "host", three in "compatibility" */
            best = steps;
            nearest = words[i];
        }
    }
    return nearest;
}
