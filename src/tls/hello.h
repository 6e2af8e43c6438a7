/* What stands in a ClientHello's extensions. Pure. */
#ifndef HF_TLS_HELLO_H
#define HF_TLS_HELLO_H

#include "tls/tls.h"

/* RFC 6066 section 3: exactly one host name, of characters that a host name has. False where it is anything else. */
bool hf_hello_server_name(const unsigned char *bytes, size_t length, char name[HF_TLS_NAME_MAX]);

/* RFC 7301 section 3.1. False where the list is none. */
bool hf_hello_protocols(const unsigned char *bytes, size_t length, unsigned *protocols);

#endif
