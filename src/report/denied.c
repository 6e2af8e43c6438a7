/* The proxy reads what strangers write: of what it left in the table no more is believed than that it is bytes. */
#include "report/denied.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define SHOWN 10

static void put(const char *text, size_t size, FILE *stream)
{
    for (size_t i = 0; i < size && text[i]; i++)
        fputc((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i], stream);
}

static void print(const struct hf_denied *item, FILE *stream)
{
    const bool is_address = memchr(item->host, ':', sizeof(item->host));

    fputs("  ", stream);
    if (item->host[0]) {
        fputs(is_address ? "[" : "", stream);
        put(item->host, sizeof(item->host), stream);
        fprintf(stream, "%s:%u", is_address ? "]" : "", (unsigned)item->port);
    } else {
        fputs("a request that names no place", stream);
    }
    fprintf(stream, item->count == 1 ? ", once: " : ", %" PRIu64 " times: ", item->count);
    put(item->reason, sizeof(item->reason), stream);
    if (item->remedy[0]) {
        fputs("\n    to do: ", stream);
        put(item->remedy, sizeof(item->remedy), stream);
    }
    fputc('\n', stream);
}

static void print_all(const struct hf_tally *tally, bool is_audited, FILE *stream)
{
    uint64_t all = is_audited ? tally->others_audited : tally->others, shown = 0;
    size_t places = 0;

    for (size_t i = 0; i < HF_TALLY_MAX && tally->items[i].count; i++)
        all += tally->items[i].is_audited == is_audited ? tally->items[i].count : 0;
    if (!all)
        return;
    fprintf(stream, "holdfast: the proxy %s %" PRIu64 " request%s%s\n", is_audited ? "let" : "denied", all,
            all == 1 ? "" : "s", is_audited ? " through that the policy denies (enforcement: audit)" : "");
    for (size_t i = 0; i < HF_TALLY_MAX && tally->items[i].count && places < SHOWN; i++) {
        if (tally->items[i].is_audited != is_audited)
            continue;
        print(&tally->items[i], stream);
        shown += tally->items[i].count;
        places++;
    }
    if (shown < all)
        fprintf(stream, "  and %" PRIu64 " of other places and reasons: --log FILE has them all\n", all - shown);
}

void hf_denied_print(const struct hf_tally *tally, FILE *stream)
{
    print_all(tally, false, stream);
    print_all(tally, true, stream);
}
