/* The responses and log lines. */
#include "proxy/tell.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proxy/object.h"

static void member_asker(struct hf_object *text, const struct hf_asker *asker)
{
    if (!asker || !asker->pid)
        return;
    hf_object_member(text, "program", asker->program);
    hf_object_number(text, "process", (uint64_t)asker->pid);
}

static void member_request(struct hf_object *text, const struct hf_decision *decision)
{
    hf_object_member(text, "method", decision->method);
    hf_object_member(text, "path", decision->path);
    hf_object_member(text, "by", decision->by);
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
    struct hf_object body = {body_bytes, 0, sizeof(body_bytes)}, response = {text, 0, HF_TELL_MAX};

    hf_object_word(&body, "{");
    hf_object_member(&body, "error", error_word(decision->status));
    if (decision->host) {
        hf_object_member(&body, "host", decision->host);
        hf_object_number(&body, "port", decision->port);
    }
    member_asker(&body, decision->asker);
    hf_object_member(&body, "address", decision->address);
    hf_object_member(&body, "failed", decision->failed);
    hf_object_cut(&body, "rule", decision->rule, HF_TELL_KEY_MAX);
    member_request(&body, decision);
    hf_object_member(&body, "reason", decision->reason);
    hf_object_member(&body, "remedy", decision->remedy);
    hf_object_word(&body, "}\n");
    snprintf(head, sizeof(head),
             "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
             "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
             decision->status, status_phrase(decision->status), body.length);
    hf_object_word(&response, head);
    hf_object_put(&response, body.at, body.length);
    return response.length;
}

/* In UTC, with milliseconds: RFC 3339. */
static void member_time(struct hf_object *line, int64_t time)
{
    const time_t seconds = (time_t)(time / 1000);
    struct tm utc;
    char date[24], stamp[32];

    gmtime_r(&seconds, &utc);
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(stamp, sizeof(stamp), "%s.%03dZ", date, (int)(time % 1000));
    hf_object_member(line, "time", stamp);
}

size_t hf_tell_event(char line[static HF_TELL_MAX], const struct hf_event *event, const struct hf_decision *decision)
{
    struct hf_object text = {line, 0, HF_TELL_MAX};

    hf_object_word(&text, "{");
    member_time(&text, event->time);
    hf_object_member(&text, "event", event->end ? "close" : "decision");
    hf_object_number(&text, "id", event->id);
    if (decision->host) {
        hf_object_member(&text, "host", decision->host);
        hf_object_number(&text, "port", decision->port);
    }
    member_asker(&text, decision->asker);
    hf_object_member(&text, "address", decision->address);
    hf_object_cut(&text, "rule", decision->rule, HF_TELL_KEY_MAX);
    member_request(&text, decision);
    hf_object_member(&text, "verdict", decision->verdict);
    if (!event->end)
        hf_object_member(&text, "failed", decision->failed);
    hf_object_member(&text, "reason", event->end ? event->end : decision->reason);
    if (!event->end)
        hf_object_number(&text, "status", (uint64_t)decision->status);
    hf_object_number(&text, "bytes_up", event->bytes_up);
    hf_object_number(&text, "bytes_down", event->bytes_down);
    hf_object_number(&text, "ms", (uint64_t)event->ms);
    hf_object_word(&text, "}\n");
    return text.length;
}

size_t hf_tell_unlogged(char line[static HF_TELL_MAX], int64_t time, uint64_t lines)
{
    struct hf_object text = {line, 0, HF_TELL_MAX};

    hf_object_word(&text, "{");
    member_time(&text, time);
    hf_object_member(&text, "event", "unlogged");
    hf_object_number(&text, "lines", lines);
    hf_object_word(&text, "}\n");
    return text.length;
}

size_t hf_tell_update(char line[static HF_TELL_MAX], const struct hf_update_told *update)
{
    struct hf_object text = {line, 0, HF_TELL_MAX};

    hf_object_word(&text, "{");
    member_time(&text, update->time);
    hf_object_member(&text, "event", "update");
    hf_object_number(&text, "user", update->user);
    hf_object_number(&text, "process", (uint64_t)update->process);
    hf_object_member(&text, "verdict", update->reasons ? "deny" : "allow");
    if (update->reasons)
        hf_object_number(&text, "reasons", update->reasons);
    hf_object_word(&text, "}\n");
    return text.length;
}
