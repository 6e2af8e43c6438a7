/* A search through all of them: they are few. */
#include "proxy/recent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_audit(const struct hf_decision *decision)
{
    return strcmp(decision->verdict, "audit") == 0;
}

static const char *program_of(const struct hf_decision *decision)
{
    return decision->asker && decision->asker->pid ? decision->asker->program : "";
}

static bool is_of(const struct hf_recent_denial *item, const struct hf_decision *decision)
{
    return item->port == decision->port && item->is_audited == is_audit(decision) &&
           strcmp(item->host, decision->host ? decision->host : "") == 0 &&
           strcmp(item->program, program_of(decision)) == 0 &&
           strncmp(item->reason, decision->reason, sizeof(item->reason) - 1) == 0;
}

/* The same one, else the oldest. */
static struct hf_recent_denial *place_for(struct hf_recent *recent, const struct hf_decision *decision)
{
    struct hf_recent_denial *oldest = &recent->items[0];

    for (size_t i = 0; i < HF_RECENT_MAX; i++) {
        struct hf_recent_denial *item = &recent->items[i];

        if (item->count && is_of(item, decision))
            return item;
        if (!item->count ? oldest->count != 0 : oldest->count && item->time < oldest->time)
            oldest = item;
    }
    oldest->count = 0;
    return oldest;
}

void hf_recent_add(struct hf_recent *recent, const struct hf_decision *decision, int64_t time)
{
    struct hf_recent_denial *item = place_for(recent, decision);

    recent->total++;
    item->time = time;
    item->process = decision->asker ? decision->asker->pid : 0;
    if (item->count++)
        return;
    item->is_audited = is_audit(decision);
    item->port = decision->port;
    snprintf(item->host, sizeof(item->host), "%s", decision->host ? decision->host : "");
    snprintf(item->program, sizeof(item->program), "%s", program_of(decision));
    snprintf(item->reason, sizeof(item->reason), "%s", decision->reason);
}

static int later_first(const void *one, const void *other)
{
    const struct hf_recent_denial *a = *(const struct hf_recent_denial *const *)one;
    const struct hf_recent_denial *b = *(const struct hf_recent_denial *const *)other;

    return (a->time < b->time) - (a->time > b->time);
}

size_t hf_recent_list(const struct hf_recent *recent, const struct hf_recent_denial *list[static HF_RECENT_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < HF_RECENT_MAX; i++)
        if (recent->items[i].count)
            list[count++] = &recent->items[i];
    qsort(list, count, sizeof(*list), later_first);
    return count;
}
