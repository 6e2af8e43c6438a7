/* The functions of struct hf_tls_ops that are about HTTP/2: see tls.h. */
#ifndef HF_TLS_HTTP2_H
#define HF_TLS_HTTP2_H

#include "tls/tls.h"

struct hf_http2 *hf_http2_new(struct hf_tls *client, struct hf_tls *server, const struct hf_http2_hooks *hooks);
enum hf_tls_result hf_http2_continue(struct hf_http2 *http2);
bool hf_http2_is_begun(const struct hf_http2 *http2);
const char *hf_http2_reason(const struct hf_http2 *http2);
void hf_http2_free(struct hf_http2 *http2);

#endif
