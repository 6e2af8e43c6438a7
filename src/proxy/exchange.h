/* Requests and answers of HTTP/1 between two sides whose TLS ends here, one after the other. */
#ifndef HF_PROXY_EXCHANGE_H
#define HF_PROXY_EXCHANGE_H

#include "proxy/inner.h"

struct hf_exchange;

enum hf_exchange_result {
    HF_EXCHANGE_WAIT,
    HF_EXCHANGE_MORE, /* there is more to do, but others have waited long enough */
    HF_EXCHANGE_OVER, /* all is said: the client is to be told that nothing more comes */
    HF_EXCHANGE_BROKEN,
};

/* What becomes of what one side's TLS says. */
static inline enum hf_exchange_result hf_exchange_of(enum hf_tls_result result)
{
    static const enum hf_exchange_result results[] = {
        [HF_TLS_WAIT] = HF_EXCHANGE_WAIT,
        [HF_TLS_DONE] = HF_EXCHANGE_MORE,
        [HF_TLS_ENDED] = HF_EXCHANGE_OVER,
        [HF_TLS_FAILED] = HF_EXCHANGE_BROKEN,
    };

    return results[result];
}

/* `server` may be NULL: then no request is allowed. NULL: no memory. */
struct hf_exchange *hf_exchange_new(struct hf_connection *connection, const struct hf_tls_ops *ops, struct hf_tls *client,
                                    struct hf_tls *server);

enum hf_exchange_result hf_exchange_continue(struct hf_exchange *exchange);

/* Is part of a request's head there, and not yet all of it? */
bool hf_exchange_is_begun(const struct hf_exchange *exchange);

/* The rest of it does not come: the client is told. */
void hf_exchange_time_out(struct hf_exchange *exchange);

/* Why it is broken; static. */
const char *hf_exchange_reason(const struct hf_exchange *exchange);

void hf_exchange_free(struct hf_exchange *exchange);

#endif
