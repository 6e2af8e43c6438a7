/* One stream of HTTP/2 on its way through: the head that is being read, and the bytes of either body that wait. */
#ifndef HF_TLS_STREAM_H
#define HF_TLS_STREAM_H

#include <nghttp2/nghttp2.h>
#include <sys/queue.h>

#include "tls/tls.h"

#define HF_STREAM_HEAD_MAX 16384 /* as of an answer in HTTP/1 */
#define HF_STREAM_FIELDS_MAX 100

/* Fields, one behind the other in `bytes`. */
struct hf_stream_head {
    char *bytes;
    size_t used, size;
    size_t count;
    bool too_large;
    struct {
        uint32_t at, name, value; /* where the name begins, and both lengths; the value stands behind it */
    } fields[HF_STREAM_FIELDS_MAX];
};

/* Bytes in one direction. */
struct hf_stream_body {
    char *bytes;
    size_t start, end, size;
    bool ended;  /* the source has said so */
    bool paused; /* the destination waits for more */
};

struct hf_stream {
    TAILQ_ENTRY(hf_stream) in_list;
    int32_t client, server; /* the ids; 0: there is none on that side, or not any more */
    struct hf_stream_head head;     /* being read, of the request and then of the answer */
    struct hf_stream_head trailers; /* of the answer */
    struct hf_stream_body up, down;
    bool begun;    /* the head of the request is not whole */
    bool answered; /* the final head of the answer was passed on, or made here; */
    bool is_own;   /* and the body with it */
};

/* NULL: no memory. */
struct hf_stream *hf_stream_new(int32_t client);
void hf_stream_free(struct hf_stream *stream);

/* False: no memory. What is too much is left out, and noted. */
bool hf_head_add(struct hf_stream_head *head, const uint8_t *name, size_t name_length, const uint8_t *value,
                 size_t value_length);
struct hf_http2_field hf_head_field(const struct hf_stream_head *head, size_t index);
void hf_head_clear(struct hf_stream_head *head);

/* The fields as nghttp2 wants them; `nva` has room for all. */
size_t hf_head_names(const struct hf_stream_head *head, nghttp2_nv *nva);

bool hf_body_add(struct hf_stream_body *body, const uint8_t *bytes, size_t length);

#endif
