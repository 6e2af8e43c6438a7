/* The responses and log lines, written into a buffer of fixed size: no library, no allocation, nothing left half. */
#include "proxy/tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define KEY_MAX 128 /* bytes of a policy's key that are shown */

struct text {
    char *at;
    size_t length;
    size_t size;
};

static void put(struct text *text, const char *bytes, size_t length)
{
    if (length > text->size - text->length)
        length = text->size - text->length;
    memcpy(text->at + text->length, bytes, length);
    text->length += length;
}

static void put_word(struct text *text, const char *word)
{
    put(text, word, strlen(word));
}

static void put_number(struct text *text, uint64_t number)
{
    char digits[24];

    put(text, digits, (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, number));
}

/* RFC 8259 section 7. Bytes from 0x80 on go through as they are: all that can hold them is the policy's text
 * and a program's name, which are UTF-8 by then; what a client sends is ASCII. */
static void put_string(struct text *text, const char *string, size_t max)
{
    put(text, "\"", 1);
    for (const char *c = string; *c && (size_t)(c - string) < max; c++) {
        char escape[8];

        if (*c == '"' || *c == '\\') {
            escape[0] = '\\';
            escape[1] = *c;
            put(text, escape, 2);
        } else if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            put(text, escape, (size_t)snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)*c));
        } else {
            put(text, c, 1);
        }
    }
    put(text, "\"", 1);
}

/* `,"name":` or, as the first member, `"name":`. */
static void put_name(struct text *text, const char *name)
{
    if (text->length && text->at[text->length - 1] != '{')
        put(text, ",", 1);
    put_string(text, name, SIZE_MAX);
    put(text, ":", 1);
}

static void member(struct text *text, const char *name, const char *value)
{
    if (!value)
        return;
    put_name(text, name);
    put_string(text, value, SIZE_MAX);
}

static void member_number(struct text *text, const char *name, uint64_t value)
{
    put_name(text, name);
    put_number(text, value);
}

static void member_asker(struct text *text, const struct hf_asker *asker)
{
    if (!asker || !asker->pid)
        return;
    member(text, "program", asker->program);
    member_number(text, "process", (uint64_t)asker->pid);
}

/* Cuts a key that is too long between two characters, not within one. */
static void member_rule(struct text *text, const char *rule)
{
    size_t max = KEY_MAX;

    if (!rule)
        return;
    if (strlen(rule) > max)
        while (max && ((unsigned char)rule[max] & 0xc0) == 0x80)
            max--;
    put_name(text, "rule");
    put_string(text, rule, max);
}

static void member_request(struct text *text, const struct hf_decision *decision)
{
    member(text, "method", decision->method);
    member(text, "path", decision->path);
    member(text, "by", decision->by);
}

static const char *status_phrase(int status)
{
    switch (status) {
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 408:
        return "Request Timeout";
    case 431:
        return "Request Header Fields Too Large";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}

static const char *error_word(int status)
{
    switch (status) {
    case 403:
        return "blocked-by-policy";
    case 502:
    case 504:
        return "upstream-failed";
    case 503:
        return "proxy-exhausted";
    default:
        return "bad-request";
    }
}

size_t hf_tell_client(char text[static HF_TELL_MAX], const struct hf_decision *decision)
{
    char body_bytes[HF_TELL_MAX - 512], head[384];
    struct text body = {body_bytes, 0, sizeof(body_bytes)}, response = {text, 0, HF_TELL_MAX};

    put_word(&body, "{");
    member(&body, "error", error_word(decision->status));
    if (decision->host) {
        member(&body, "host", decision->host);
        member_number(&body, "port", decision->port);
    }
    member_asker(&body, decision->asker);
    member(&body, "address", decision->address);
    member(&body, "failed", decision->failed);
    member_rule(&body, decision->rule);
    member_request(&body, decision);
    member(&body, "reason", decision->reason);
    member(&body, "remedy", decision->remedy);
    put_word(&body, "}\n");
    snprintf(head, sizeof(head),
             "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
             "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
             decision->status, status_phrase(decision->status), body.length);
    put_word(&response, head);
    put(&response, body.at, body.length);
    return response.length;
}

static void begin_line(struct text *line, const char *event, uint64_t id, const struct hf_decision *decision)
{
    struct timespec now;
    struct tm utc;
    char date[24], stamp[32];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(stamp, sizeof(stamp), "%s.%03dZ", date, (int)(now.tv_nsec / 1000000));
    put_word(line, "{");
    member(line, "time", stamp);
    member(line, "event", event);
    member_number(line, "id", id);
    if (decision->host) {
        member(line, "host", decision->host);
        member_number(line, "port", decision->port);
    }
    member_asker(line, decision->asker);
    member(line, "address", decision->address);
    member_rule(line, decision->rule);
    member_request(line, decision);
    member(line, "verdict", decision->verdict);
}

size_t hf_tell_decision(char line[static HF_TELL_MAX], uint64_t id, const struct hf_decision *decision, int64_t ms)
{
    struct text text = {line, 0, HF_TELL_MAX};

    begin_line(&text, "decision", id, decision);
    member(&text, "failed", decision->failed);
    member(&text, "reason", decision->reason);
    member_number(&text, "status", (uint64_t)decision->status);
    member_number(&text, "ms", (uint64_t)ms);
    put_word(&text, "}\n");
    return text.length;
}

size_t hf_tell_close(char line[static HF_TELL_MAX], uint64_t id, const struct hf_decision *decision, const char *end,
                     uint64_t bytes_up, uint64_t bytes_down, int64_t ms)
{
    struct text text = {line, 0, HF_TELL_MAX};

    begin_line(&text, "close", id, decision);
    member(&text, "reason", end);
    member_number(&text, "bytes_up", bytes_up);
    member_number(&text, "bytes_down", bytes_down);
    member_number(&text, "ms", (uint64_t)ms);
    put_word(&text, "}\n");
    return text.length;
}
