/* The functions of struct hf_tls_ops that are about one side of a connection: see tls.h. */
#ifndef HF_TLS_SESSION_H
#define HF_TLS_SESSION_H

#include "tls/world.h"

struct hf_tls *hf_session_accept(struct hf_tls_world *world, struct hf_end *end, const char *early, size_t length);
enum hf_tls_result hf_session_hello_read(struct hf_tls *tls, struct hf_tls_hello *hello);
bool hf_session_answer(struct hf_tls *tls, const struct hf_tls_place *place, unsigned protocol);
void hf_session_refuse(struct hf_tls *tls, bool is_name);
struct hf_tls *hf_session_connect(struct hf_tls_world *world, struct hf_end *end, const struct hf_tls_place *place,
                                  unsigned protocols);
enum hf_tls_result hf_session_handshake(struct hf_tls *tls);
unsigned hf_session_protocol(const struct hf_tls *tls);
enum hf_tls_result hf_session_read(struct hf_tls *tls, char *bytes, size_t size, size_t *got);
enum hf_tls_result hf_session_write(struct hf_tls *tls, const char *bytes, size_t length, size_t *taken);
enum hf_tls_result hf_session_finish(struct hf_tls *tls);
const char *hf_session_reason(const struct hf_tls *tls);
void hf_session_free(struct hf_tls *tls);

#endif
