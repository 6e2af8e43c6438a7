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

void hf_denied_print(const struct hf_tally *tally, FILE *stream)
{
    uint64_t all = tally->others, shown = 0;
    size_t places = 0;

    for (; places < HF_TALLY_MAX && tally->items[places].count; places++)
        all += tally->items[places].count;
    if (!all)
        return;
    fprintf(stream, "holdfast: the proxy denied %" PRIu64 " request%s\n", all, all == 1 ? "" : "s");
    for (size_t i = 0; i < places && i < SHOWN; i++) {
        print(&tally->items[i], stream);
        shown += tally->items[i].count;
    }
    if (shown < all)
        fprintf(stream, "  and %" PRIu64 " of other places and reasons: --log FILE has them all\n", all - shown);
}
