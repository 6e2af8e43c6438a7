/* Which line of the policy lets a host and port through, and where it fails if none does. Pure. */
#ifndef HF_PROXY_MATCH_H
#define HF_PROXY_MATCH_H

#include <stdbool.h>

#include "policy/policy.h"
#include "proxy/target.h"

/* The better the earlier. */
enum hf_match_verdict { HF_MATCH_ALLOWED, HF_MATCH_NO_PROGRAM, HF_MATCH_NO_PORT, HF_MATCH_NO_HOST };

/* For NO_PORT the rule is the first whose host matched: its ports are what could be asked for. For NO_HOST it is NULL.
 * `named`: the host is there in full, not by a wildcard. */
struct hf_match {
    enum hf_match_verdict verdict;
    bool named;
    const struct hf_network_policy *network;
    const struct hf_endpoint *endpoint;
};

/* `admitted`: for each network that gives `binaries`, whether they let who asks; NULL: none does. */
struct hf_match hf_match_target(const struct hf_policy *policy, const struct hf_target *target, const bool *admitted);

/* Does one of its endpoints have the target's host and port? */
bool hf_match_covers(const struct hf_network_policy *network, const struct hf_target *target);

/* Which endpoint lets the target through at this address: its host may be on such a network, and its ranges, if it has
 * any, have the address. NO_HOST where none does. */
struct hf_match hf_match_address(const struct hf_policy *policy, const struct hf_target *target,
                                 const bool *admitted, const union hf_address *address);

/* Does this endpoint let who asks reach the target, and (where `address` is not NULL) this address of it? */
bool hf_match_is_open(const struct hf_policy *policy, size_t network, const struct hf_endpoint *endpoint,
                      const struct hf_target *target, const bool *admitted, const union hf_address *address);

/* Is there such an endpoint that has rules for requests? Then all there is to be judged by the rules there are. */
bool hf_match_judges_requests(const struct hf_policy *policy, const struct hf_target *target, const bool *admitted);

/* Is there one of them at which TLS ends? */
bool hf_match_terminates(const struct hf_policy *policy, const struct hf_target *target, const bool *admitted);

/* True where the endpoint gives no range, or one that has the address. */
bool hf_match_ranges(const struct hf_endpoint *endpoint, const union hf_address *address);

/* Does an endpoint's host cover the target's? "*.example.com" covers every name of one label or more in front of
 * example.com, never example.com itself and never an address. *named is set when it does. */
bool hf_match_host(const char *pattern, const struct hf_target *target, bool *named);

#endif
