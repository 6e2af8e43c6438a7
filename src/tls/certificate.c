/* Certificates as RFC 5280 wants them: what a client of any kind asks of a CA and of a server, and no more. */
#include "tls/certificate.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL_BYTES 16
#define CLOCK_SLACK 60          /* seconds: a clock that is set back while the run lasts */
#define COMMON_NAME_MAX 64      /* RFC 5280, ub-common-name */

EVP_PKEY *hf_certificate_key(void)
{
    return EVP_EC_gen("P-256");
}

/* RFC 5280 section 4.1.2.2: positive, and of at least 64 random bits (CA/Browser Forum). */
static bool set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_BYTES];
    BIGNUM *number;
    bool set;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return set;
}

static bool add_extension(X509 *certificate, X509V3_CTX *context, int id, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, id, value);
    const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return added;
}

static bool begin(X509 *certificate, EVP_PKEY *key, const char *common_name, long seconds)
{
    X509_NAME *name = X509_get_subject_name(certificate);

    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -CLOCK_SLACK) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), seconds) && X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Holdfast", -1, -1, 0) == 1 &&
           (!common_name || X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1,
                                                       -1, 0) == 1);
}

/* "permitted;DNS:a.example" for a host of a policy, with what covers it: a wildcard's own domain. */
static int constraint(char *text, size_t size, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    size_t length;

    if (inet_pton(AF_INET, host, address) == 1)
        return snprintf(text, size, ",permitted;IP:%s/255.255.255.255", host);
    if (inet_pton(AF_INET6, host, address) == 1)
        return snprintf(text, size, ",permitted;IP:%s/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", host);
    host += strncmp(host, "*.", 2) == 0 ? 2 : 0;
    length = strlen(host);
    return snprintf(text, size, ",permitted;DNS:%.*s", (int)(length - (host[length - 1] == '.')), host);
}

/* A program that trusts this CA for more than the policy's hosts would trust it for nothing (RFC 5280 section 4.2.1.10): a kind
 * of name that no host of the policy is would be without limits, and gets one that nothing is within. */
static bool constrain(X509 *certificate, X509V3_CTX *context, const char *const *hosts, size_t count)
{
    const size_t size = 128 + count * 320;
    char *text;
    size_t used;
    bool added;

    if (count == 0)
        return true;
    text = malloc(size);
    if (!text)
        return false;
    used = (size_t)snprintf(text, size, "critical");
    for (size_t i = 0; i < count; i++)
        used += (size_t)constraint(text + used, size - used, hosts[i]);
    if (!strstr(text, "IP:"))
        used += (size_t)snprintf(text + used, size - used, ",excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:::/::");
    if (!strstr(text, "DNS:"))
        snprintf(text + used, size - used, ",permitted;DNS:invalid"); /* which no host is under (RFC 2606) */
    added = add_extension(certificate, context, NID_name_constraints, text);
    free(text);
    return added;
}

X509 *hf_certificate_ca(EVP_PKEY *key, const char *const *hosts, size_t count)
{
    X509 *certificate = X509_new();
    X509V3_CTX context;

    if (!certificate)
        return NULL;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    if (begin(certificate, key, "Holdfast: this run's own CA", HF_CA_SECONDS) &&
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1 &&
        add_extension(certificate, &context, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add_extension(certificate, &context, NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_extension(certificate, &context, NID_subject_key_identifier, "hash") &&
        constrain(certificate, &context, hosts, count) && X509_sign(certificate, key, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}

static bool name_leaf(X509 *certificate, X509V3_CTX *context, const struct hf_tls_place *place)
{
    char text[HF_TLS_NAME_MAX + 16];

    snprintf(text, sizeof(text), "%s:%s", place->is_address ? "IP" : "DNS", place->host);
    return add_extension(certificate, context, NID_subject_alt_name, text);
}

X509 *hf_certificate_leaf(const struct hf_identity_of_tls *ca, EVP_PKEY *key, const struct hf_tls_place *place, time_t *until)
{
    X509 *certificate = X509_new();
    /* An address has none: OpenSSL would hold it against the DNS constraints. */
    const char *common_name = !place->is_address && strlen(place->host) <= COMMON_NAME_MAX ? place->host : NULL;
    X509V3_CTX context;

    if (!certificate)
        return NULL;
    *until = time(NULL) + HF_LEAF_SECONDS;
    X509V3_set_ctx(&context, ca->certificate, certificate, NULL, NULL, 0);
    if (begin(certificate, key, common_name, HF_LEAF_SECONDS) &&
        X509_set_issuer_name(certificate, X509_get_subject_name(ca->certificate)) == 1 &&
        add_extension(certificate, &context, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(certificate, &context, NID_key_usage, "critical,digitalSignature") &&
        add_extension(certificate, &context, NID_ext_key_usage, "serverAuth") &&
        add_extension(certificate, &context, NID_authority_key_identifier, "keyid:always") &&
        name_leaf(certificate, &context, place) && X509_sign(certificate, ca->key, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}
