/* The strict parser of the request head (RFC 9112): CONNECT, and requests for an http:// address in absolute form. */
#include "proxy/head.h"

#include <string.h>

#include "proxy/framing.h"

static const char scheme[] = "http://";

static enum hf_head_result refuse(struct hf_head *head, int status, const char *reason)
{
    head->status = status;
    head->reason = reason;
    return HF_HEAD_REFUSED;
}

/* Looks at every byte once: DONE with the head's length, MORE, or what is wrong with the bytes themselves. */
static enum hf_head_result scan(const char *bytes, size_t length, struct hf_head *head)
{
    size_t limit = length < HF_HEAD_LIMIT ? length : HF_HEAD_LIMIT;

    for (size_t i = 0; i < limit; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c == '\n') {
            if (i == 0 || bytes[i - 1] != '\r')
                return refuse(head, 400, "a line ends in LF without CR");
            if (i == 1)
                return refuse(head, 400, "an empty line before the request");
            if (i >= 3 && bytes[i - 2] == '\n') {
                head->length = i + 1;
                return HF_HEAD_DONE;
            }
        } else if (i > 0 && bytes[i - 1] == '\r') {
            return refuse(head, 400, "a CR without LF");
        } else if (c == 0) {
            return refuse(head, 400, "a NUL byte in the head");
        } else if (c == 0x16 && i == 0) {
            return refuse(head, 400, "TLS to the proxy itself: use http:// in the proxy's URL");
        } else if ((c < 0x20 && c != '\r' && c != '\t') || c == 0x7f) {
            return refuse(head, 400, "a control byte in the head");
        } else if (c >= 0x80) {
            return refuse(head, 400, "a byte outside of ASCII in the head");
        }
    }
    return length >= HF_HEAD_LIMIT ? refuse(head, 431, "the request head is over 8192 bytes") : HF_HEAD_MORE;
}

/* The Host field must name the same host and port. To CONNECT it may name no port: some clients leave it out there. */
static bool same_place(struct hf_span value, const struct hf_head *head)
{
    const struct hf_target *target = &head->target;
    const uint16_t port = head->inside ? HF_HTTPS_PORT : head->forward ? HF_HTTP_PORT : target->port;
    struct hf_target host = {0};

    return !hf_target_parse_with(value.at, value.length, port, &host) &&
           host.port == target->port && !strcmp(host.host, target->host);
}

struct fields {
    bool closes, keeps, upgrades, to_websocket; /* what Connection and Upgrade say */
    struct hf_span host, content_length, transfer_encoding, proxy_authorization;
};

/* Files the field if it is one of those that matter here. False if it is there twice. */
static bool keep(struct fields *fields, const struct hf_field *field)
{
    const struct {
        const char *name;
        struct hf_span *slot;
    } known[] = {
        {"host", &fields->host},
        {"content-length", &fields->content_length},
        {"transfer-encoding", &fields->transfer_encoding},
        {"proxy-authorization", &fields->proxy_authorization},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!hf_is_word(field->name, known[i].name))
            continue;
        if (known[i].slot->at)
            return false;
        *known[i].slot = field->value;
    }
    return true;
}

/* Fields that Connection names are not passed on; these say what the request is, and where it ends. */
static bool names_what_must_stay(struct hf_span list)
{
    while (list.length) {
        const struct hf_span name = hf_trim(hf_word_take(&list, ','));

        if (hf_is_word(name, "host") || hf_is_word(name, "content-length") || hf_is_word(name, "transfer-encoding"))
            return true;
    }
    return false;
}

static void note_connection(const struct hf_field *field, struct fields *fields)
{
    struct hf_span list = field->value;

    if (hf_is_word(field->name, "upgrade"))
        fields->to_websocket = hf_is_word(list, "websocket");
    while (hf_is_word(field->name, "connection") && list.length) {
        const struct hf_span word = hf_trim(hf_word_take(&list, ','));

        fields->closes = fields->closes || hf_is_word(word, "close");
        fields->keeps = fields->keeps || hf_is_word(word, "keep-alive");
        fields->upgrades = fields->upgrades || hf_is_word(word, "upgrade");
    }
}

static const char *parse_fields(struct hf_span rest, struct fields *fields)
{
    for (unsigned count = 0; rest.length > 2; count++) {
        struct hf_field field;
        const char *reason;

        if (count == HF_HEAD_FIELDS)
            return "more than 100 header fields";
        reason = hf_field_take(&rest, &field);
        if (reason)
            return reason;
        if (!keep(fields, &field))
            return "a header field twice that may be there once";
        if (hf_is_word(field.name, "connection") && names_what_must_stay(field.value))
            return "a Connection field that names Host, Content-Length or Transfer-Encoding";
        note_connection(&field, fields);
    }
    return NULL;
}

/* `http://host[:port]` and what is to be asked for there. */
static const char *parse_absolute(struct hf_span text, struct hf_head *head)
{
    struct hf_span authority;
    size_t length = 0;

    text = (struct hf_span){text.at + sizeof(scheme) - 1, text.length - (sizeof(scheme) - 1)};
    while (length < text.length && text.at[length] != '/' && text.at[length] != '?' && text.at[length] != '#')
        length++;
    authority = (struct hf_span){text.at, length};
    head->path = (struct hf_span){text.at + length, text.length - length};
    if (memchr(head->path.at, '#', head->path.length))
        return "a fragment in the address";
    return hf_target_parse_with(authority.at, authority.length, HF_HTTP_PORT, &head->target);
}

static bool is_absolute(struct hf_span text)
{
    return text.length > sizeof(scheme) - 1 && hf_is_word((struct hf_span){text.at, sizeof(scheme) - 1}, scheme);
}

/* A path, or `*` of an OPTIONS: the scheme and authority are known. */
static const char *parse_origin(struct hf_span text, struct hf_head *head)
{
    const bool is_options = head->method.length == 7 && !memcmp(head->method.at, "OPTIONS", 7);

    head->forward = true;
    head->path = text;
    if (memchr(text.at, '#', text.length))
        return "a fragment in the address";
    if (text.at[0] == '/')
        return NULL;
    head->path.length = 0;
    return is_options && text.length == 1 && text.at[0] == '*'
               ? NULL
               : "inside of a tunnel a request is for a path, and not for another place";
}

static const char *parse_target(struct hf_span text, struct hf_head *head)
{
    if (head->inside)
        return parse_origin(text, head);
    if (head->method.length == 7 && !memcmp(head->method.at, "CONNECT", 7)) /* methods are case-sensitive */
        return hf_target_parse(text.at, text.length, &head->target);
    if (hf_is_word(head->method, "connect"))
        return "the method CONNECT is written in upper case";
    if (!is_absolute(text))
        return "only CONNECT host:port and requests for http:// addresses are proxied";
    head->forward = true;
    return parse_absolute(text, head);
}

static const char *judge_fields(const struct fields *fields, struct hf_head *head)
{
    const char *reason = hf_framing_parse(fields->content_length, fields->transfer_encoding,
                                          head->version.at[7] == '0', &head->body);

    if (reason)
        return reason;
    /* CONNECT has no body (RFC 9110 section 9.3.6); a client that says 0 agrees, any other might mean one. */
    if (!head->forward && head->body.next != HF_BODY_END)
        return "a CONNECT with a body";
    if (!fields->host.at && head->version.at[7] == '1')
        return "no Host field, which HTTP/1.1 demands";
    if (fields->host.at && !same_place(fields->host, head))
        return "the Host field names another place than the request line";
    return NULL;
}

/* `head` has all that is known beforehand. */
static enum hf_head_result parse(const char *bytes, size_t length, struct hf_head *head)
{
    enum hf_head_result result;
    struct fields fields = {0};
    struct hf_span line, target;
    const char *reason;

    result = scan(bytes, length, head);
    if (result != HF_HEAD_DONE)
        return result;
    head->fields = (struct hf_span){bytes, head->length};
    line = hf_line_take(&head->fields);
    if (memchr(line.at, '\t', line.length))
        return refuse(head, 400, "a tab in the request line");
    head->method = hf_word_take(&line, ' ');
    target = hf_word_take(&line, ' ');
    head->version = line;
    if (!hf_is_token(head->method) || !target.length || memchr(line.at, ' ', line.length))
        return refuse(head, 400, "the request line is not METHOD TARGET VERSION");
    if (line.length != 8 || memcmp(line.at, "HTTP/", 5))
        return refuse(head, 400, "the request line does not end in an HTTP version");
    if (memcmp(line.at, "HTTP/1.1", 8) && memcmp(line.at, "HTTP/1.0", 8))
        return refuse(head, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    reason = parse_fields(head->fields, &fields);
    if (!reason)
        reason = parse_target(target, head);
    if (!reason)
        reason = judge_fields(&fields, head);
    head->is_last = fields.closes || (head->version.at[7] == '0' && !fields.keeps);
    head->wants_websocket = fields.upgrades && fields.to_websocket && head->body.next == HF_BODY_END &&
                            head->version.at[7] == '1' && head->method.length == 3 && !memcmp(head->method.at, "GET", 3);
    return reason ? refuse(head, 400, reason) : HF_HEAD_DONE;
}

enum hf_head_result hf_head_parse(const char *bytes, size_t length, struct hf_head *head)
{
    memset(head, 0, sizeof(*head));
    return parse(bytes, length, head);
}

enum hf_head_result hf_head_parse_inside(const char *bytes, size_t length, const struct hf_target *target,
                                         struct hf_head *head)
{
    memset(head, 0, sizeof(*head));
    head->inside = true;
    head->target = *target;
    return parse(bytes, length, head);
}
