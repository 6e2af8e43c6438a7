#include "why/requests.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "proxy/match.h"
#include "why/places.h"
#include "why/proxied.h"

/* What a denial of the proxy's is of: "GET a.test:80/b". */
struct asked {
    struct hf_span method;
    struct hf_target target;
    const char *path;
};

/* No pattern, nothing that quotes or the canonical form would change, and whole: a log cuts a path that is long. */
static bool is_plain(const char *path)
{
    const size_t length = strlen(path);

    for (size_t i = 0; i < length; i++)
        if (path[i] <= 0x20 || path[i] == 0x7f || strchr("%*?[]{}\"\\;#", path[i]))
            return false;
    return path[0] == '/' && !strstr(path, "//") && (length < 3 || strcmp(path + length - 3, "...") != 0);
}

static bool take(const struct hf_denial *denial, struct asked *asked)
{
    const char *blank = denial->act && hf_proxied_is_rule(denial->act) ? strchr(denial->path, ' ') : NULL;
    const char *slash = blank ? strchr(blank, '/') : NULL, *colon;
    char place[HF_TARGET_HOST_SIZE + 16];
    bool has_colon;

    if (!slash)
        return false;
    colon = memrchr(blank, ':', (size_t)(slash - blank));
    if (!colon || slash - blank > HF_TARGET_HOST_SIZE)
        return false;
    has_colon = memchr(blank, ':', (size_t)(colon - blank));
    snprintf(place, sizeof(place), "%s%.*s%s%.*s", has_colon ? "[" : "", (int)(colon - blank - 1), blank + 1,
             has_colon ? "]" : "", (int)(slash - colon), colon);
    asked->method = (struct hf_span){denial->path, (size_t)(blank - denial->path)};
    asked->path = slash;
    return is_plain(slash) && !hf_target_parse(place, strlen(place), &asked->target);
}

static bool is_of(const struct hf_endpoint *endpoint, const struct asked *asked)
{
    bool is_port = false, named;

    for (size_t i = 0; i < endpoint->port_count; i++)
        is_port = is_port || endpoint->ports[i] == asked->target.port;
    return endpoint->protocol == HF_PROTOCOL_REST && endpoint->rules.count && is_port &&
           hf_match_host(endpoint->host, &asked->target, &named);
}

static bool is_in(const struct hf_endpoint *endpoint, const struct asked *asked)
{
    for (size_t i = 0; i < endpoint->rules.count; i++) {
        const struct hf_request_rule *rule = &endpoint->rules.items[i];

        if (!rule->query_count && strlen(rule->method.text) == asked->method.length &&
            !memcmp(rule->method.text, asked->method.at, asked->method.length) && !strcmp(rule->path.text, asked->path))
            return true;
    }
    return false;
}

/* The first endpoint that could have a rule for it; NULL where there is none, or one has it. */
static const struct hf_endpoint *lacking(const struct hf_policy *policy, const struct asked *asked)
{
    const struct hf_endpoint *first = NULL;

    for (size_t i = 0; i < policy->network_count; i++)
        for (size_t j = 0; j < policy->networks[i].endpoint_count; j++) {
            const struct hf_endpoint *endpoint = &policy->networks[i].endpoints[j];

            if (is_of(endpoint, asked) && is_in(endpoint, asked))
                return NULL;
            if (!first && is_of(endpoint, asked))
                first = endpoint;
        }
    return first;
}

bool hf_requests_lack(const struct hf_denials *denials, const struct hf_policy *policy)
{
    struct asked asked;

    for (size_t i = 0; i < denials->count; i++)
        if (take(&denials->items[i], &asked) && lacking(policy, &asked))
            return true;
    return false;
}

void hf_requests_write(const struct hf_denials *denials, const struct hf_policy *policy, FILE *stream)
{
    struct asked asked;

    for (size_t i = 0; i < denials->count; i++)
        if (take(&denials->items[i], &asked) && lacking(policy, &asked))
            fprintf(stream, "          - allow: {method: %.*s, path: \"%s\"} # in rules of %s:%u\n", (int)asked.method.length,
                    asked.method.at, asked.path, asked.target.host, (unsigned)asked.target.port);
}

/* All rules that this endpoint lacks, each in `before` and `behind`. */
static char *rules_of(const struct hf_denials *denials, const struct hf_policy *policy, const struct hf_endpoint *endpoint,
                      struct hf_span before, const char *behind)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    struct asked asked;

    for (size_t i = 0; stream && i < denials->count; i++)
        if (take(&denials->items[i], &asked) && lacking(policy, &asked) == endpoint)
            fprintf(stream, "%.*s{method: %.*s, path: \"%s\"}%s", (int)before.length, before.at, (int)asked.method.length,
                    asked.method.at, asked.path, behind);
    if (stream && fclose(stream) == 0 && size)
        return text;
    free(text);
    return NULL;
}

/* Lines of their own before the first "- ". */
static bool add_lines(const struct hf_denials *denials, const struct hf_policy *policy, const struct hf_endpoint *endpoint,
                      struct hf_line *line, size_t indent)
{
    hf_autofree char *behind = line->before, *text = NULL, *before = NULL;

    line->before = NULL;
    if (asprintf(&before, "%.*s- allow: ", (int)indent, line->text) < 0) {
        before = NULL;
        return false;
    }
    text = rules_of(denials, policy, endpoint, (struct hf_span){before, strlen(before)}, "\n");
    return text && asprintf(&line->before, "%s%s", text, behind ? behind : "") >= 0;
}

/* Behind the "[" of a list in one line. */
static bool add_inside(const struct hf_denials *denials, const struct hf_policy *policy, const struct hf_endpoint *endpoint,
                       struct hf_line *line, size_t offset)
{
    static const char before[] = "{allow: ";
    hf_autofree char *text = rules_of(denials, policy, endpoint, (struct hf_span){before, sizeof(before) - 1}, "}, ");

    return text && !line->instead && asprintf(&line->instead, "%.*s%s%.*s", (int)offset, line->text, text,
                                              (int)(line->length - offset), line->text + offset) >= 0;
}

static bool add_to(const struct hf_denials *denials, const struct hf_policy *policy, const struct hf_endpoint *endpoint,
                   struct hf_lines *lines)
{
    const struct hf_pos pos = endpoint->rules.items[0].pos;
    struct hf_line *line = pos.line && pos.line <= lines->count ? &lines->items[pos.line - 1] : NULL;
    const char *at = line ? hf_places_column(line, pos.column) : NULL, *mark = at;
    size_t indent;

    if (!at)
        return false;
    while (mark > line->text && mark[-1] == ' ')
        mark--;
    if (mark == line->text)
        return false;
    indent = strspn(line->text, " ");
    if (mark[-1] == '-' && line->text + indent == mark - 1)
        return add_lines(denials, policy, endpoint, line, indent);
    return mark[-1] == '[' && add_inside(denials, policy, endpoint, line, (size_t)(at - line->text));
}

bool hf_requests_change(const struct hf_denials *denials, const struct hf_policy *policy, struct hf_lines *lines)
{
    for (size_t i = 0; i < policy->network_count; i++)
        for (size_t j = 0; j < policy->networks[i].endpoint_count; j++) {
            const struct hf_endpoint *endpoint = &policy->networks[i].endpoints[j];
            bool lacks = false;
            struct asked asked;

            for (size_t k = 0; k < denials->count; k++)
                lacks = lacks || (take(&denials->items[k], &asked) && lacking(policy, &asked) == endpoint);
            if (lacks && !add_to(denials, policy, endpoint, lines))
                return false;
        }
    return true;
}
