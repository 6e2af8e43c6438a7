/* What RFC 9110 section 7.6 asks of a proxy, for one request on a connection. */
#include "proxy/forward.h"

#include <stdio.h>

/* Upgrade and TE with them: what they would agree on is between client and proxy, and the proxy offers nothing. */
static const char *const hop_by_hop[] = {
    "connection", "host",    "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te",         "upgrade",
};

static bool is_in_list(struct hf_span name, struct hf_span list)
{
    while (list.length)
        if (hf_same_word(name, hf_trim(hf_word_take(&list, ','))))
            return true;
    return false;
}

/* Does a Connection field name it? */
static bool is_of_connection(struct hf_span name, struct hf_span fields)
{
    struct hf_field field;

    while (fields.length > 2 && !hf_field_take(&fields, &field))
        if (hf_is_word(field.name, "connection") && is_in_list(name, field.value))
            return true;
    return false;
}

static bool is_passed_on(struct hf_span name, struct hf_span fields)
{
    for (size_t i = 0; i < sizeof(hop_by_hop) / sizeof(hop_by_hop[0]); i++)
        if (hf_is_word(name, hop_by_hop[i]))
            return false;
    return !is_of_connection(name, fields);
}

struct text {
    char *at;
    size_t length;
};

static void put(struct text *text, struct hf_span bytes)
{
    memcpy(text->at + text->length, bytes.at, bytes.length);
    text->length += bytes.length;
}

static void put_word(struct text *text, const char *word)
{
    put(text, (struct hf_span){word, strlen(word)});
}

static void put_host(struct text *text, const struct hf_target *target, uint16_t usual_port)
{
    const bool is_v6 = target->address.any.sa_family == AF_INET6;
    char host[HF_TARGET_HOST_SIZE + 32];

    snprintf(host, sizeof(host), "Host: %s%s%s", is_v6 ? "[" : "", target->host, is_v6 ? "]" : "");
    put_word(text, host);
    if (target->port != usual_port) {
        snprintf(host, sizeof(host), ":%u", (unsigned)target->port);
        put_word(text, host);
    }
    put_word(text, "\r\n");
}

/* RFC 9112 section 3.2: `*` where OPTIONS asks for no path, `/` in front of a query alone. */
static void put_path(struct text *text, const struct hf_head *head)
{
    const bool has_slash = head->path.length && head->path.at[0] == '/';
    const bool is_options = head->method.length == 7 && !memcmp(head->method.at, "OPTIONS", 7);

    if (!has_slash)
        put_word(text, is_options && !head->path.length ? "*" : "/");
    put(text, head->path);
}

static void put_fields(struct text *out, const struct hf_head *head)
{
    struct hf_span rest = head->fields;
    struct hf_field field;

    while (rest.length > 2 && !hf_field_take(&rest, &field)) {
        if (!is_passed_on(field.name, head->fields))
            continue;
        put(out, field.name);
        put_word(out, ": ");
        put(out, field.value);
        put_word(out, "\r\n");
    }
}

size_t hf_forward_head(const struct hf_head *head, char text[static HF_FORWARD_MAX])
{
    struct text out = {text, 0};

    put(&out, head->method);
    put_word(&out, " ");
    put_path(&out, head);
    put_word(&out, " ");
    put(&out, head->version);
    put_word(&out, "\r\n");
    put_host(&out, &head->target, HF_HTTP_PORT);
    put_fields(&out, head);
    put_word(&out, head->wants_websocket ? "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                         : "Connection: close\r\n\r\n");
    return out.length;
}

size_t hf_forward_head_inside(const struct hf_head *head, struct hf_span target, bool to_websocket,
                              char text[static HF_FORWARD_MAX + HF_HEAD_LIMIT])
{
    struct text out = {text, 0};

    put(&out, head->method);
    put_word(&out, " ");
    put(&out, target);
    put_word(&out, " HTTP/1.1\r\n");
    put_host(&out, &head->target, HF_HTTPS_PORT);
    put_fields(&out, head);
    put_word(&out, to_websocket    ? "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                   : head->is_last ? "Connection: close\r\n\r\n"
                                   : "\r\n");
    return out.length;
}
