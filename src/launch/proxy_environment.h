/* Telling the command where the proxy is. */
#ifndef HF_LAUNCH_PROXY_ENVIRONMENT_H
#define HF_LAUNCH_PROXY_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

/* Sets HTTPS_PROXY and its like in the environment of the calling process, whatever was there; and where the proxy ends TLS
 * somewhere, the variables by which programs find the certificates that they trust. */
bool hf_proxy_environment_set(uint16_t port, const char *run_directory, bool terminates);

#endif
