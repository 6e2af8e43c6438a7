/* What the proxy ends TLS with. */
#ifndef HF_PROXY_TERMINATOR_H
#define HF_PROXY_TERMINATOR_H

#include "tls/tls.h"

/* `world` is closed by whoever opened it. */
struct hf_terminator {
    const struct hf_tls_ops *ops;
    struct hf_tls_world *world;
};

#endif
