/* The policy as written: what the YAML file or the message says, each value with the place it stands at. Nothing is
 * defaulted here; what an omission means is the plan's business. */
#ifndef HF_POLICY_POLICY_H
#define HF_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "holdfast.h"
#include "proxy/address.h"

/* A place in the policy, both from 1; line 0 means "nowhere in it". A message has no lines: `line` counts its values
 * there, and `field` says which one it is ("landlock.compatibility"), the policy's own. */
struct hf_pos {
    unsigned line;
    unsigned column;
    const char *field; /* NULL in a file */
};

enum hf_compatibility {
    HF_COMPATIBILITY_OMITTED = 0,
    HF_COMPATIBILITY_BEST_EFFORT,
    HF_COMPATIBILITY_HARD_REQUIREMENT,
};

/* The least ABI that hard_requirement ever accepts: below 2 a rename across directories always fails. */
#define HF_LEAST_MIN_ABI 2

enum hf_tristate { HF_OMITTED = 0, HF_FALSE, HF_TRUE };

struct hf_path {
    char *path;
    struct hf_pos pos;
};

/* A list of paths; `given` tells an empty list from one that is not in the file. */
struct hf_path_list {
    struct hf_path *items;
    size_t count;
    bool given;
    struct hf_pos pos;
};

/* The addresses that begin with the first `bits` bits of `network`. */
struct hf_range {
    union hf_address network;
    unsigned bits;
    struct hf_pos pos;
};

/* How an endpoint's bytes are looked into. */
enum hf_protocol { HF_PROTOCOL_OMITTED = 0, HF_PROTOCOL_REST, HF_PROTOCOL_OTHER };

/* Of `access`. */
enum hf_preset { HF_PRESET_OMITTED = 0, HF_PRESET_READ_ONLY, HF_PRESET_READ_WRITE, HF_PRESET_FULL };

struct hf_text {
    char *text; /* NULL where it is not given */
    struct hf_pos pos;
};

/* A parameter of the query, and the patterns of which its values must match one. */
struct hf_query {
    char *name;
    struct hf_text *values;
    size_t value_count;
};

/* What a rule says of a request: its method ("*": any), a pattern for its path, and parameters of its query. */
struct hf_request_rule {
    struct hf_text method;
    struct hf_text path;
    struct hf_query *queries;
    size_t query_count;
    struct hf_pos pos;
};

struct hf_request_rules {
    struct hf_request_rule *items;
    size_t count;
    bool given;
    struct hf_pos pos; /* of the key */
};

/* What becomes of TLS at an endpoint: it goes through, or it ends in the proxy. */
enum hf_tls_mode { HF_TLS_THROUGH = 0, HF_TLS_TERMINATE };

/* One host, the ports it may be reached at, and the addresses it may have there: any where no range is given. `host` is
 * lower case, a name, an address, or "*." and a name. */
struct hf_endpoint {
    char *host;
    uint16_t *ports;
    size_t port_count;
    struct hf_range *ranges;
    size_t range_count;
    enum hf_protocol protocol; /* with REST, requests are judged by what follows, and one that `deny_rules` has is denied */
    enum hf_preset access;
    struct hf_pos access_pos;
    bool is_audited; /* `enforcement: audit`: what is denied is let through, and told */
    struct hf_request_rules rules;
    struct hf_request_rules deny_rules;
    enum hf_tls_mode tls;
    struct hf_pos tls_pos;
    struct hf_pos pos;
};

struct hf_network_policy {
    char *key;  /* the key in the map */
    char *name; /* the `name` below it, or NULL */
    struct hf_endpoint *endpoints;
    size_t endpoint_count;
    struct hf_path_list binaries;
    struct hf_pos pos;
};

/* A key of the file that is valid and that this version cannot enforce. `key` is static. */
struct hf_unenforced {
    const char *key;
    struct hf_pos pos; /* of the key */
};

/* What the command may use at most: process.limits by setrlimit(2), resources by a cgroup. See bound.h. */
enum hf_bound_id {
    HF_BOUND_OPEN_FILES,
    HF_BOUND_PROCESSES,
    HF_BOUND_FILE_SIZE,
    HF_BOUND_CPU_TIME,
    HF_BOUND_ADDRESS_SPACE,
    HF_BOUND_CORE,
    HF_BOUND_MEMORY,
    HF_BOUND_PIDS,
    HF_BOUND_CPU,
    HF_BOUND_COUNT,
};

struct hf_bound {
    bool given;
    uint64_t value; /* bytes, seconds, thousandths of a processor, or a number */
    struct hf_pos pos;
};

struct hf_policy {
    bool filesystem_given;
    enum hf_tristate include_workdir;
    struct hf_pos include_workdir_pos;
    struct hf_path_list read_only;
    struct hf_path_list read_write;
    enum hf_compatibility compatibility;
    struct hf_pos compatibility_pos;
    unsigned min_abi; /* 0: omitted; else from HF_LEAST_MIN_ABI */
    struct hf_pos min_abi_pos;
    char *run_as_user; /* name or number, or NULL */
    struct hf_pos run_as_user_pos;
    char *run_as_group;
    struct hf_pos run_as_group_pos;
    struct hf_bound bounds[HF_BOUND_COUNT];
    struct hf_network_policy *networks;
    size_t network_count;
    struct hf_unenforced *unenforced; /* in the order of the file */
    size_t unenforced_count;
    char **fields; /* what the places of a message name */
    size_t field_count;
};

/* What is wrong with a policy: as many entries as there are faults, in its order. In a message the column is 0. */
struct hf_diagnostic {
    struct hf_pos pos; /* without its field */
    char *field;       /* of a message, or NULL */
    char *message;
};

struct hf_diagnostics {
    struct hf_diagnostic *items;
    size_t count;
};

/* Reads a policy from `length` bytes of YAML. On success returns true and fills *policy, which the caller frees with
 * hf_policy_free. On any fault returns false, *policy is empty, and *diagnostics (the caller frees it) has every
 * fault. */
bool hf_policy_parse(const char *text, size_t length, struct hf_policy *policy, struct hf_diagnostics *diagnostics);

/* Reads a policy's bytes from a file by name, or from standard input by "-": at most 1 MiB (and one byte, by which the
 * reader sees that there was more). The caller frees *text, which is NULL where there is one diagnostic, at line 0. */
bool hf_policy_read(const char *file, char **text, size_t *length, struct hf_diagnostics *diagnostics);

/* How messages call it: "-" is standard input. */
const char *hf_policy_file_name(const char *file);

/* Does the proxy end TLS at this endpoint? */
bool hf_endpoint_terminates(const struct hf_endpoint *endpoint);

/* At some endpoint? */
bool hf_policy_terminates(const struct hf_policy *policy);

/* Does a network give `binaries`? */
bool hf_policy_names_programs(const struct hf_policy *policy);

void hf_policy_free(struct hf_policy *policy);
void hf_diagnostics_free(struct hf_diagnostics *diagnostics);

#endif
