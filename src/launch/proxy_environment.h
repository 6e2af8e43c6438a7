/* Telling the command where the proxy is. */
#ifndef HF_LAUNCH_PROXY_ENVIRONMENT_H
#define HF_LAUNCH_PROXY_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

/* Sets HTTPS_PROXY and its like in the environment of the calling process, whatever was there. */
bool hf_proxy_environment_set(uint16_t port, const char *run_directory);

#endif
