/* Memory that grows to what the windows of HTTP/2 let in, and is given back when it is empty. */
#include "tls/stream.h"

#include <stdlib.h>
#include <string.h>

struct hf_stream *hf_stream_new(int32_t client)
{
    struct hf_stream *stream = calloc(1, sizeof(*stream));

    if (stream)
        stream->client = client;
    return stream;
}

void hf_stream_free(struct hf_stream *stream)
{
    hf_head_clear(&stream->head);
    hf_head_clear(&stream->trailers);
    free(stream->up.bytes);
    free(stream->down.bytes);
    free(stream);
}

static bool grow(char **bytes, size_t *size, size_t wanted)
{
    size_t larger = *size ? *size : 512;
    char *grown;

    if (wanted <= *size)
        return true;
    while (larger < wanted)
        larger *= 2;
    grown = realloc(*bytes, larger);
    if (!grown)
        return false;
    *bytes = grown;
    *size = larger;
    return true;
}

bool hf_head_add(struct hf_stream_head *head, const uint8_t *name, size_t name_length, const uint8_t *value,
                 size_t value_length)
{
    head->too_large = head->too_large || head->count == HF_STREAM_FIELDS_MAX ||
                      head->used + name_length + value_length > HF_STREAM_HEAD_MAX;
    if (head->too_large)
        return true;
    if (!grow(&head->bytes, &head->size, head->used + name_length + value_length + 1))
        return false;
    memcpy(head->bytes + head->used, name, name_length);
    memcpy(head->bytes + head->used + name_length, value, value_length);
    head->fields[head->count].at = (uint32_t)head->used;
    head->fields[head->count].name = (uint32_t)name_length;
    head->fields[head->count++].value = (uint32_t)value_length;
    head->used += name_length + value_length;
    return true;
}

struct hf_http2_field hf_head_field(const struct hf_stream_head *head, size_t index)
{
    const char *at = head->bytes + head->fields[index].at;

    return (struct hf_http2_field){{at, head->fields[index].name},
                                   {at + head->fields[index].name, head->fields[index].value}};
}

void hf_head_clear(struct hf_stream_head *head)
{
    free(head->bytes);
    *head = (struct hf_stream_head){0};
}

size_t hf_head_names(const struct hf_stream_head *head, nghttp2_nv *nva)
{
    for (size_t i = 0; i < head->count; i++) {
        const struct hf_http2_field field = hf_head_field(head, i);

        nva[i] = (nghttp2_nv){(uint8_t *)(uintptr_t)field.name.at, (uint8_t *)(uintptr_t)field.value.at, field.name.length,
                              field.value.length, NGHTTP2_NV_FLAG_NONE};
    }
    return head->count;
}

bool hf_body_add(struct hf_stream_body *body, const uint8_t *bytes, size_t length)
{
    if (body->start) {
        memmove(body->bytes, body->bytes + body->start, body->end - body->start);
        body->end -= body->start;
        body->start = 0;
    }
    if (!grow(&body->bytes, &body->size, body->end + length))
        return false;
    memcpy(body->bytes + body->end, bytes, length);
    body->end += length;
    return true;
}
