/* The object, the roots, the CA, the files: before the proxy gives its privileges up, and before the command is there. */
#include "launch/terminate.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "launch/launch.h"
#include "launch/roots.h"
#include "launch/tls_object.h"
#include "plan/plan.h"

/* The hosts of the endpoints at which TLS ends. The caller frees the list; NULL with no memory. */
static const char **hosts_of(const struct hf_policy *policy, size_t *count)
{
    size_t most = 1;
    const char **hosts;

    for (size_t i = 0; i < policy->network_count; i++)
        most += policy->networks[i].endpoint_count;
    hosts = calloc(most, sizeof(*hosts));
    *count = 0;
    for (size_t i = 0; hosts && i < policy->network_count; i++)
        for (size_t j = 0; j < policy->networks[i].endpoint_count; j++)
            if (hf_endpoint_terminates(&policy->networks[i].endpoints[j]))
                hosts[(*count)++] = policy->networks[i].endpoints[j].host;
    return hosts;
}

static bool open_world(const struct hf_policy *policy, const char *roots, size_t length,
                       struct hf_terminator *terminator, struct hf_error *error)
{
    size_t count;
    hf_autofree const char **hosts = hosts_of(policy, &count);
    char reason[HF_TLS_REASON_MAX] = "no memory";

    terminator->world = hosts ? terminator->ops->open(hosts, count, roots, length, reason) : NULL;
    return terminator->world || hf_fail(error, HF_TLS_UNAVAILABLE, HF_STAGE_PROXY, 0, "%s", reason);
}

static bool prepare(const struct hf_policy *policy, const char *run_directory, struct hf_terminator *terminator,
                    struct hf_error *error)
{
    hf_autofree char *roots = NULL;
    size_t length, own_length;
    const char *own;

    terminator->ops = hf_tls_object_open(error);
    if (!terminator->ops || !hf_roots_read(&roots, &length, error) ||
        !open_world(policy, roots, length, terminator, error))
        return false;
    own = terminator->ops->certificate(terminator->world, &own_length);

    const struct hf_span certificate = {own, own_length}, bundle[] = {{roots, length}, {"\n", 1}, certificate};

    return hf_run_directory_write(run_directory, HF_CA_FILE, &certificate, 1, error) &&
           hf_run_directory_write(run_directory, HF_BUNDLE_FILE, bundle, sizeof(bundle) / sizeof(bundle[0]), error);
}

/* Because of which line. */
static struct hf_origin origin_of(const struct hf_policy *policy)
{
    for (size_t i = 0; i < policy->network_count; i++)
        for (size_t j = 0; j < policy->networks[i].endpoint_count; j++)
            if (hf_endpoint_terminates(&policy->networks[i].endpoints[j]))
                return hf_policy_origin(policy->networks[i].endpoints[j].tls_pos);
    return (struct hf_origin){.kind = HF_ORIGIN_RUNTIME};
}

bool hf_terminate_prepare(const struct hf_policy *policy, const char *run_directory, struct hf_terminator *terminator,
                          struct hf_error *error)
{
    if (prepare(policy, run_directory, terminator, error))
        return true;
    error->origin = origin_of(policy);
    return false;
}
