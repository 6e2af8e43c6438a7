/* The shared object that has OpenSSL and nghttp2 behind it: where it is, and opening it. */
#ifndef HF_LAUNCH_TLS_OBJECT_H
#define HF_LAUNCH_TLS_OBJECT_H

#include "base/error.h"
#include "tls/tls.h"

/* Opens it into the calling process, for good. NULL with *error. */
const struct hf_tls_ops *hf_tls_object_open(struct hf_error *error);

#endif
