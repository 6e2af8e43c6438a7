/* What kind of network an address leads to, and whether the proxy may dial it. */
#ifndef HF_PROXY_ADDRESS_H
#define HF_PROXY_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

enum hf_address_class {
    HF_ADDRESS_PUBLIC,
    HF_ADDRESS_LOOPBACK,
    HF_ADDRESS_LINK_LOCAL,
    HF_ADDRESS_PRIVATE,
    HF_ADDRESS_CGNAT,
    HF_ADDRESS_BENCHMARK,
    HF_ADDRESS_DOCUMENTATION,
    HF_ADDRESS_RESERVED,
    /* From here on: never dialled, whatever the policy says. */
    HF_ADDRESS_UNSPECIFIED,
    HF_ADDRESS_MULTICAST,
    HF_ADDRESS_BROADCAST,
    HF_ADDRESS_UNKNOWN_FAMILY,
};

/* An address with its port: what is checked, and then dialled as it is. */
union hf_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

#define HF_ADDRESS_TEXT_MAX (INET6_ADDRSTRLEN + 12) /* with a zone number behind it */

/* The class of the address, or of the IPv4 address that an IPv6 one stands for where that one is the less public. */
enum hf_address_class hf_address_classify(const struct sockaddr *address);

const char *hf_address_class_name(enum hf_address_class class);

/* `named`: the policy names the host exactly, so that whoever wrote it meant this machine, wherever it is. */
bool hf_address_permitted(enum hf_address_class class, bool named);

/* Can a policy change the answer? */
bool hf_address_permittable(enum hf_address_class class);

/* Is it one of those that begin with the first `bits` bits of `network`? An IPv4-mapped one is no IPv4 one. */
bool hf_address_within(const union hf_address *address, const union hf_address *network, unsigned bits);

socklen_t hf_address_length(const union hf_address *address);

/* The numeric form, without the port. Returns `text`. */
const char *hf_address_text(const union hf_address *address, char text[static HF_ADDRESS_TEXT_MAX]);

#endif
