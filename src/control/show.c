/* A snapshot as lines: the connections that moved most first, the denials as they come, the last one first. */
#include "control/show.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 1024
#define BOLD "1"
#define RED "31"

/* What a terminal could take for more than text, and whatever is not ASCII, whose width is not known here. */
static void make_plain(char *text)
{
    for (; *text; text++)
        if (*text < 0x20 || *text == 0x7f) /* char is signed: above ASCII it is below 0 */
            *text = '?';
}

/* Where it goes. */
struct page {
    struct hf_screen *screen;
    FILE *stream;
};

/* Left out where there is no row for it. */
__attribute__((format(printf, 3, 4))) static void put_line(const struct page *page, const char *style, const char *format, ...)
{
    struct hf_screen *screen = page->screen;
    char text[LINE_MAX_BYTES];
    va_list arguments;

    if (screen->rows && screen->used >= screen->rows)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    make_plain(text);
    if (screen->columns && screen->columns < strlen(text))
        text[screen->columns] = '\0';
    if (screen->is_styled && style)
        fprintf(page->stream, "\033[%sm%s\033[0m", style, text);
    else
        fputs(text, page->stream);
    fputs(screen->rows ? "\033[K\n" : "\n", page->stream); /* up to the end of the row, whatever stood there */
    screen->used++;
}

static uint64_t number_of(const json_t *object, const char *name)
{
    const json_int_t number = json_integer_value(json_object_get(object, name));

    return number > 0 ? (uint64_t)number : 0;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* "999", "1.2K", "34M": in at most five characters up to petabytes. */
static const char *bytes_text(uint64_t bytes, char text[static 24])
{
    static const char units[] = "KMGTPE";
    double value = (double)bytes;
    size_t unit = 0;

    if (bytes < 1000) {
        snprintf(text, 24, "%" PRIu64, bytes);
        return text;
    }
    value /= 1024;
    while (value >= 999.5 && units[unit + 1]) {
        value /= 1024;
        unit++;
    }
    snprintf(text, 24, value < 9.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
    return text;
}

/* "7s", "3m12s", "2h05m", "4d03h". */
static const char *age_text(uint64_t ms, char text[static 48])
{
    const uint64_t seconds = ms / 1000;

    if (seconds < 60)
        snprintf(text, 48, "%" PRIu64 "s", seconds);
    else if (seconds < 3600)
        snprintf(text, 48, "%" PRIu64 "m%02us", seconds / 60, (unsigned)(seconds % 60));
    else if (seconds < 86400)
        snprintf(text, 48, "%" PRIu64 "h%02um", seconds / 3600, (unsigned)(seconds / 60 % 60));
    else
        snprintf(text, 48, "%" PRIu64 "d%02uh", seconds / 86400, (unsigned)(seconds / 3600 % 24));
    return text;
}

/* "api.example.com:443", "[2001:db8::1]:443", or "-" where there is none. */
static const char *place_text(const json_t *object, char text[static 320])
{
    const char *host = text_of(object, "host");

    if (host[0])
        snprintf(text, 320, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, (unsigned)number_of(object, "port"));
    else
        snprintf(text, 320, "-");
    return text;
}

static const char *process_text(const json_t *object, char text[static 24])
{
    const uint64_t process = number_of(object, "process");

    if (process)
        snprintf(text, 24, "%" PRIu64, process);
    else
        snprintf(text, 24, "-");
    return text;
}

/* The end of a path tells more than its beginning. */
static const char *end_of(const char *text, size_t most)
{
    const size_t length = strlen(text);

    return !length ? "-" : length > most ? text + (length - most) : text;
}

static uint64_t moved(const json_t *connection)
{
    return number_of(connection, "bytes_up") + number_of(connection, "bytes_down");
}

/* Those that moved as much stand in the order in which they came. */
static int more_first(const void *one, const void *other)
{
    const json_t *const *a = one, *const *b = other;
    const uint64_t here = moved(*a), there = moved(*b), id = number_of(*a, "id"), other_id = number_of(*b, "id");

    return here != there ? (here < there) - (here > there) : (id > other_id) - (id < other_id);
}

static void show_connection(const struct page *page, const json_t *connection)
{
    char process[24], place[320], up[24], down[24], age[48];
    const char *state = text_of(connection, "state");

    put_line(page, NULL, "  %7s  %-28s  %-36s  %6s  %6s  %7s%s%s", process_text(connection, process),
             end_of(text_of(connection, "program"), 28), place_text(connection, place),
             bytes_text(number_of(connection, "bytes_up"), up), bytes_text(number_of(connection, "bytes_down"), down),
             age_text(number_of(connection, "ms"), age), strcmp(state, "open") ? "  " : "", strcmp(state, "open") ? state : "");
}

/* False where there is no memory. */
static bool show_connections(const struct page *page, const json_t *connections, uint64_t left_out)
{
    const size_t count = json_array_size(connections);
    const json_t **sorted = calloc(count + 1, sizeof(const json_t *));

    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = json_array_get(connections, i);
    qsort(sorted, count, sizeof(const json_t *), more_first);
    if (count)
        put_line(page, BOLD, "  %7s  %-28s  %-36s  %6s  %6s  %7s", "PROCESS", "PROGRAM", "PLACE", "UP", "DOWN", "AGE");
    for (size_t i = 0; i < count; i++)
        show_connection(page, sorted[i]);
    if (left_out)
        put_line(page, NULL, "  and %" PRIu64 " more", left_out);
    free(sorted);
    return true;
}

static void show_denial(const struct page *page, const json_t *denial)
{
    const bool audited = strcmp(text_of(denial, "verdict"), "audit") == 0;
    const char *program = text_of(denial, "program");
    char age[48], place[320];

    put_line(page, audited ? NULL : RED, "  %7s ago  %3" PRIu64 "x  %s%s%s%s: %s", age_text(number_of(denial, "ms"), age),
             number_of(denial, "count"), place_text(denial, place), program[0] ? " by " : "", program,
             audited ? " (let through: audit)" : "", text_of(denial, "reason"));
}

/* On a screen the denials have their rows kept: they are few, and what most look for. */
static unsigned rows_for_denials(const struct hf_screen *screen, size_t count)
{
    const unsigned wanted = count ? (unsigned)count + 1 : 0;
    const unsigned left = screen->rows > screen->used ? screen->rows - screen->used : 0;

    return wanted < left / 2 ? wanted : left / 2;
}

static bool show(const struct page *page, int run, const json_t *json)
{
    const json_t *connections = json_object_get(json, "connections"), *denials = json_object_get(json, "denials");
    const size_t count = json_array_size(denials);
    unsigned kept;

    if (!json_is_array(connections) || !json_is_array(denials))
        return false;
    put_line(page, BOLD, "run %d: %" PRIu64 " open, %" PRIu64 " accepted, %" PRIu64 " denied, %" PRIu64 " updates", run,
             json_array_size(connections) + number_of(json, "left_out"), number_of(json, "accepted"), number_of(json, "denied"),
             number_of(json, "updates"));
    kept = page->screen->rows ? rows_for_denials(page->screen, count) : 0;
    page->screen->rows -= kept;
    if (!show_connections(page, connections, number_of(json, "left_out")))
        return false;
    page->screen->rows += kept;
    if (count)
        put_line(page, BOLD, "denied lately:");
    for (size_t i = 0; i < count; i++)
        show_denial(page, json_array_get(denials, i));
    return true;
}

bool hf_control_show(struct hf_screen *screen, int run, const char *document, size_t length, FILE *stream)
{
    json_t *json = json_loadb(document, length, 0, NULL);
    const bool shown = show(&(struct page){screen, stream}, run, json);

    json_decref(json);
    return shown;
}
