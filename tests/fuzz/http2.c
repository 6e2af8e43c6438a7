/* Fuzzing both sessions of HTTP/2 with frames of either side in any order: `c` or `s`, a length of two bytes, and so many bytes
 * that this side sends, once it has said what every side says first. What is written is taken in pieces. Paths that begin with
 * /a are allowed: no other reaches the server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/http2.h"
#include "tls/session.h"

struct hf_tls {
    const unsigned char *bytes; /* to be read */
    size_t left;
    size_t written;
    bool is_over;
};

enum hf_tls_result hf_session_read(struct hf_tls *tls, char *bytes, size_t size, size_t *got)
{
    *got = tls->left < size ? tls->left : size;
    if (!*got)
        return tls->is_over ? HF_TLS_ENDED : HF_TLS_WAIT;
    memcpy(bytes, tls->bytes, *got);
    tls->bytes += *got;
    tls->left -= *got;
    return HF_TLS_DONE;
}

/* Every other time it is full. */
enum hf_tls_result hf_session_write(struct hf_tls *tls, const char *bytes, size_t length, size_t *taken)
{
    (void)bytes;
    *taken = 0;
    if (tls->written++ % 2)
        return HF_TLS_WAIT;
    *taken = length > 100 ? 100 : length;
    return HF_TLS_DONE;
}

struct counts {
    size_t judged, allowed;
};

static void judge(void *context, const struct hf_http2_request *request, struct hf_http2_judged *judged)
{
    struct counts *counts = context;

    counts->judged++;
    judged->is_allowed = request->path.length >= 2 && !memcmp(request->path.at, "/a", 2);
    judged->status = 403;
    judged->length = judged->is_allowed ? request->path.length : 2;
    if (judged->length > sizeof(judged->text))
        abort(); /* heads have a limit */
    memcpy(judged->text, judged->is_allowed ? request->path.at : "{}", judged->length);
    counts->allowed += judged->is_allowed;
}

static void feed(struct hf_tls *tls, struct hf_http2 *http2, const unsigned char *bytes, size_t length, bool *is_live)
{
    tls->bytes = bytes;
    tls->left = length;
    for (int i = 0; i < 50 && *is_live; i++) {
        const enum hf_tls_result result = hf_http2_continue(http2);

        *is_live = result == HF_TLS_WAIT || result == HF_TLS_DONE;
        (void)hf_http2_is_begun(http2);
        if (result == HF_TLS_WAIT && !tls->left)
            break;
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    static const unsigned char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    static const unsigned char settings[] = "\0\0\0\4\0\0\0\0\0";
    uint64_t up = 0, down = 0;
    struct counts counts = {0, 0};
    struct hf_tls client = {.left = 0}, server = {.left = 0};
    const struct hf_http2_hooks hooks = {.context = &counts, .judge = judge, .up = &up, .down = &down};
    struct hf_http2 *http2 = hf_http2_new(&client, &server, &hooks);
    bool is_live = true;

    if (!http2)
        return 0;
    feed(&client, http2, preface, sizeof(preface) - 1, &is_live);
    feed(&server, http2, settings, sizeof(settings) - 1, &is_live);
    while (length >= 3 && is_live) {
        const size_t wanted = (size_t)(bytes[1] << 8 | bytes[2]), some = wanted < length - 3 ? wanted : length - 3;

        feed(bytes[0] == 's' ? &server : &client, http2, bytes + 3, some, &is_live);
        bytes += 3 + some;
        length -= 3 + some;
    }
    client.is_over = server.is_over = true;
    feed(&server, http2, NULL, 0, &is_live);
    if (counts.allowed == 0 && up)
        abort(); /* bytes of a body went up, and no request did */
    hf_http2_free(http2);
    return 0;
}
