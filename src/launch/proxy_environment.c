/* The variables by which programs find the proxy. */
#include "launch/proxy_environment.h"

#include <stdio.h>
#include <stdlib.h>

/* Programs look for either case; Node needs to be told (NODE_USE_ENV_PROXY, Node.js 24). */
bool hf_proxy_environment_set(uint16_t port, const char *run_directory)
{
    static const char *const names[] = {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
                                        "http_proxy",  "ALL_PROXY",   "all_proxy"};
    char url[sizeof("http://127.0.0.1:65535")];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u", port);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (setenv(names[i], url, 1) < 0)
            return false;
    return setenv("NODE_USE_ENV_PROXY", "1", 1) == 0 && setenv("HOLDFAST_RUN_DIRECTORY", run_directory, 1) == 0 &&
           unsetenv("NO_PROXY") == 0 && unsetenv("no_proxy") == 0;
}
