/* The certificates that this machine trusts. */
#ifndef HF_LAUNCH_ROOTS_H
#define HF_LAUNCH_ROOTS_H

#include <stddef.h>

#include "base/error.h"

/* Those of the caller's SSL_CERT_FILE, or of the system's bundle. False with *error; the caller frees *pem. */
bool hf_roots_read(char **pem, size_t *length, struct hf_error *error);

#endif
