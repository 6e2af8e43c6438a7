/* The inside of a tunnel at which TLS ends: what the client and the server say to each other, judged request by request. */
#ifndef HF_PROXY_INNER_H
#define HF_PROXY_INNER_H

#include "proxy/forward.h"
#include "proxy/request.h"
#include "proxy/server.h"

struct hf_inner;

/* Of a connection whose upstream is there, at this address; the client has been told so. `early` are bytes that it has sent
 * already. NULL: no memory. */
struct hf_inner *hf_inner_new(struct hf_connection *connection, const union hf_address *address, const char *early,
                              size_t length);

/* Does what can be done without waiting. It may end with the connection closed, or on its way to that. */
void hf_inner_continue(struct hf_connection *connection);

/* Its time is up. */
void hf_inner_expire(struct hf_connection *connection);

void hf_inner_free(struct hf_inner *inner); /* NULL is fine */

/* What becomes of a request: `text` goes to the server in the place of its head, or to the client, as the last that it gets. */
struct hf_judged {
    bool is_allowed;
    bool to_websocket;
    size_t length;
    char text[HF_FORWARD_MAX + HF_HEAD_LIMIT];
};

/* For exchange.c and inner_http2.c. Whether the rules let this request through; the judgement says why, and *target what goes
 * to the server. */
bool hf_inner_ask(struct hf_connection *connection, const struct hf_request *request, struct hf_rest_target *target,
                  struct hf_judgement *judgement);

/* Of the server's TLS, or "". */
const char *hf_inner_failure(const struct hf_connection *connection);

/* inner_http2.c: a hook of struct hf_http2_hooks; the context is the connection. */
void hf_inner_judge_http2(void *context, const struct hf_http2_request *request, struct hf_http2_judged *judged);

/* For exchange.c: each decides, and tells the log. */
void hf_inner_judge(struct hf_connection *connection, const struct hf_head *head, struct hf_judged *judged);
void hf_inner_refuse(struct hf_connection *connection, int status, const char *reason, struct hf_judged *judged);
void hf_inner_blame(struct hf_connection *connection, const char *reason, struct hf_judged *judged); /* the server: 502 */

#endif
