/* Fuzzing what is read inside of a tunnel: the lists of a ClientHello, heads of requests and of answers. The first byte says
 * which. Names are of a host's characters alone; pieces of a head make no difference; a request as it is passed on is one
 * again, of the same place and the same end. */
#include <stdio.h>
#include <stdlib.h>

#include "must.h"
#include "proxy/answer.h"
#include "proxy/forward.h"
#include "tls/hello.h"

static void look_at_hello(const unsigned char *bytes, size_t length)
{
    char name[HF_TLS_NAME_MAX];
    unsigned protocols;

    if (hf_hello_server_name(bytes, length, name))
        MUST(name[0] && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0' && strlen(name) + 5 == length);
    if (hf_hello_protocols(bytes, length, &protocols))
        MUST(protocols <= (HF_TLS_HTTP1 | HF_TLS_HTTP2));
}

static void look_at_answer(const char *bytes, size_t length, bool to_head)
{
    enum hf_head_result first = HF_HEAD_MORE, whole;
    struct hf_answer answer, piece;

    whole = hf_answer_parse(bytes, length, to_head, &answer);
    for (size_t some = 0; some <= length && first == HF_HEAD_MORE; some++)
        first = hf_answer_parse(bytes, some, to_head, &piece);
    MUST(first == whole && piece.length == answer.length && piece.status == answer.status);
    if (whole != HF_HEAD_DONE)
        return;
    MUST(answer.status >= 100 && answer.status < 600 && answer.length <= length);
    MUST(!answer.until_end || answer.body.next == HF_BODY_END);
    MUST(answer.status >= 200 || answer.body.next == HF_BODY_END);
}

static void look_at_request(const char *bytes, size_t length, const struct hf_target *target)
{
    static char text[HF_FORWARD_MAX + HF_HEAD_LIMIT];
    struct hf_head head, again;
    size_t passed;

    if (hf_head_parse_inside(bytes, length, target, &head) != HF_HEAD_DONE)
        return;
    MUST(head.forward && head.length <= length && (!head.path.length || head.path.at[0] == '/'));
    passed = hf_forward_head_inside(&head, head.path.length ? head.path : (struct hf_span){"*", 1}, false, text);
    if (passed > HF_HEAD_LIMIT)
        return;
    MUST(hf_head_parse_inside(text, passed, target, &again) == HF_HEAD_DONE && again.length == passed);
    MUST(again.body.next == head.body.next && again.body.left == head.body.left && again.is_last == head.is_last);
    MUST(!again.wants_websocket && hf_same_word(again.path, head.path));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    struct hf_target target;

    if (!length)
        return 0;
    MUST(!hf_target_parse("a.test:443", 10, &target));
    if (bytes[0] == 'h')
        look_at_hello(bytes + 1, length - 1);
    else if (bytes[0] == 'r')
        look_at_request((const char *)bytes + 1, length - 1, &target);
    else
        look_at_answer((const char *)bytes + 1, length - 1, bytes[0] == 'd');
    return 0;
}
