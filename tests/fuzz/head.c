/* Fuzzing the head parser: what it takes is measured by other readings of the same bytes. That inet_aton, which stands behind
 * getaddrinfo, sees an address in a host where the parser does, and the same; that pieces make no difference; that a head
 * as it is passed on is a head again, of the same place and the same end. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "must.h"
#include "proxy/forward.h"

static void check_host(const struct hf_target *target)
{
    struct in_addr address;
    int is_address = inet_aton(target->host, &address);

    MUST(target->host[0] && target->port);
    if (target->address.any.sa_family == AF_INET6) {
        MUST(strchr(target->host, ':') && target->address.v6.sin6_scope_id == 0);
        return;
    }
    MUST(target->host[strspn(target->host, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0');
    MUST(is_address == (target->address.any.sa_family == AF_INET));
    MUST(!is_address || address.s_addr == target->address.v4.sin_addr.s_addr);
    MUST(target->host[strlen(target->host) - 1] != '.');
}

/* Each part longer by one byte, as recv would give them: the first answer that is not MORE must be the whole's. */
static void check_pieces(const char *bytes, size_t length, enum hf_head_result result, const struct hf_head *whole)
{
    enum hf_head_result first = HF_HEAD_MORE;
    struct hf_head head;

    for (size_t some = 0; some <= length && first == HF_HEAD_MORE; some++)
        first = hf_head_parse(bytes, some, &head);
    MUST(first == result && head.status == whole->status && head.length == whole->length);
}

static size_t count(const char *text, size_t length, const char *word)
{
    size_t found = 0;

    for (const char *at = text; (at = memmem(at, length - (size_t)(at - text), word, strlen(word))); at++)
        found++;
    return found;
}

/* The passed-on head with its address put back in front of the path. */
static void check_forward(const struct hf_head *head)
{
    static char text[HF_FORWARD_MAX], again[2 * HF_FORWARD_MAX];
    const size_t length = hf_forward_head(head, text);
    const char *path = memchr(text, ' ', length), *host = memmem(text, length, "\r\nHost: ", 8);
    const bool is_star = path && path[1] == '*';
    struct hf_head back;
    int host_length, used;

    MUST(length <= HF_FORWARD_MAX && path && host && count(text, length, "\r\nConnection:") == 1);
    host += 8;
    host_length = (int)((const char *)memchr(host, '\r', length) - host);
    path += is_star ? 2 : 1;
    used = snprintf(again, sizeof(again), "%.*s http://%.*s", (int)head->method.length, text, host_length, host);
    memcpy(again + used, path, (size_t)(text + length - path));
    used += (int)(text + length - path);
    if (used > HF_HEAD_LIMIT || count(again, (size_t)used, "\r\n") > HF_HEAD_FIELDS + 2) /* there is a Host more */
        return;
    MUST(hf_head_parse(again, (size_t)used, &back) == HF_HEAD_DONE && back.length == (size_t)used);
    MUST(back.forward && back.target.port == head->target.port && !strcmp(back.target.host, head->target.host));
    MUST(!memcmp(&back.body, &head->body, sizeof(back.body)));
}

static void check_body(const struct hf_head *head, const char *bytes, size_t length)
{
    struct hf_body whole = head->body, bytewise = head->body;
    size_t taken, one, sum = 0;
    bool good = hf_body_take(&whole, bytes, length, &taken), good_bytewise = true;

    for (size_t i = 0; i < length && good_bytewise; i++) {
        good_bytewise = hf_body_take(&bytewise, bytes + i, 1, &one);
        sum += one;
    }
    MUST(good == good_bytewise && (!good || (sum == taken && whole.next == bytewise.next)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct hf_head head;
    enum hf_head_result result = hf_head_parse(bytes, size, &head);

    if (size <= 128)
        check_pieces(bytes, size, result, &head);
    if (result == HF_HEAD_REFUSED)
        MUST(head.reason && head.status >= 400);
    if (result != HF_HEAD_DONE)
        return 0;
    MUST(head.length <= size && head.length <= HF_HEAD_LIMIT);
    check_host(&head.target);
    if (head.forward) {
        check_forward(&head);
        check_body(&head, bytes + head.length, size - head.length);
    }
    return 0;
}
