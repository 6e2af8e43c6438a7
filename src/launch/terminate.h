/* Making ready what the proxy ends TLS with. */
#ifndef HF_LAUNCH_TERMINATE_H
#define HF_LAUNCH_TERMINATE_H

#include "base/error.h"
#include "policy/policy.h"
#include "proxy/terminator.h"

/* In the proxy's process, which is where the CA's key comes to be and stays: makes the run's CA, and puts its certificate and
 * a bundle with the machine's roots into the run's own directory. False with *error. */
bool hf_terminate_prepare(const struct hf_policy *policy, const char *run_directory, struct hf_terminator *terminator,
                          struct hf_error *error);

#endif
