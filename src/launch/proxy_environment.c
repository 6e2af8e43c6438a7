/* The variables by which programs find the proxy. */
#include "launch/proxy_environment.h"

#include <stdio.h>
#include <stdlib.h>

#include "launch/launch.h"

/* Each names the file that is trusted instead of the system's (NODE_EXTRA_CA_CERTS: beside it). */
static bool set_certificates(const char *run_directory)
{
    static const struct {
        const char *name, *file;
    } variables[] = {
        {"SSL_CERT_FILE", HF_BUNDLE_FILE},      /* OpenSSL, and with it python and ruby; Go */
        {"CURL_CA_BUNDLE", HF_BUNDLE_FILE},     /* curl(1) */
        {"REQUESTS_CA_BUNDLE", HF_BUNDLE_FILE}, /* python's requests, and with it pip */
        {"PIP_CERT", HF_BUNDLE_FILE},
        {"GIT_SSL_CAINFO", HF_BUNDLE_FILE}, /* git-config(1), http.sslCAInfo */
        {"CARGO_HTTP_CAINFO", HF_BUNDLE_FILE},
        {"AWS_CA_BUNDLE", HF_BUNDLE_FILE},
        {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", HF_BUNDLE_FILE},
        {"NIX_SSL_CERT_FILE", HF_BUNDLE_FILE},
        {"DENO_CERT", HF_CA_FILE},
        {"NODE_EXTRA_CA_CERTS", HF_CA_FILE},
    };
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", run_directory, variables[i].file);
        if (setenv(variables[i].name, path, 1) < 0)
            return false;
    }
    return true;
}

/* Programs look for either case; Node needs to be told (NODE_USE_ENV_PROXY, Node.js 24). */
bool hf_proxy_environment_set(uint16_t port, const char *run_directory, bool terminates)
{
    static const char *const names[] = {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
                                        "http_proxy",  "ALL_PROXY",   "all_proxy"};
    char url[sizeof("http://127.0.0.1:65535")];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u", port);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (setenv(names[i], url, 1) < 0)
            return false;
    if (terminates && !set_certificates(run_directory))
        return false;
    return setenv("NODE_USE_ENV_PROXY", "1", 1) == 0 && setenv("HOLDFAST_RUN_DIRECTORY", run_directory, 1) == 0 &&
           unsetenv("NO_PROXY") == 0 && unsetenv("no_proxy") == 0;
}
