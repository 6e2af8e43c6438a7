/* Anonymous pages that a fork shares. */
#include "proxy/tally.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct hf_tally *hf_tally_new(void)
{
    void *pages = mmap(NULL, sizeof(struct hf_tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

static bool is_audit(const struct hf_decision *decision)
{
    return !strcmp(decision->verdict, "audit");
}

static bool is_of(const struct hf_denied *item, const struct hf_decision *decision)
{
    return item->port == decision->port && item->is_audited == is_audit(decision) && !strcmp(item->host, decision->host ? decision->host : "") &&
           !strcmp(item->reason, decision->reason);
}

void hf_tally_add(struct hf_tally *tally, const struct hf_decision *decision)
{
    for (size_t i = 0; i < HF_TALLY_MAX; i++) {
        struct hf_denied *item = &tally->items[i];

        if (item->count == 0) {
            snprintf(item->host, sizeof(item->host), "%s", decision->host ? decision->host : "");
            item->port = decision->port;
            item->is_audited = is_audit(decision);
            snprintf(item->reason, sizeof(item->reason), "%s", decision->reason);
            snprintf(item->remedy, sizeof(item->remedy), "%s", decision->remedy ? decision->remedy : "");
        } else if (!is_of(item, decision)) {
            continue;
        }
        item->count++;
        return;
    }
    *(is_audit(decision) ? &tally->others_audited : &tally->others) += 1;
}

void hf_tally_free(struct hf_tally *tally)
{
    if (tally)
        munmap(tally, sizeof(*tally));
}
