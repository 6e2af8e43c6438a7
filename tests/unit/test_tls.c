/* TLS: what a ClientHello says, by table; the run's CA and its leaves against OpenSSL's own client; what ends a handshake. */
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tls/cache.h"
#include "tls/certificate.h"
#include "tls/hello.h"
#include "tls/world.h"

extern const struct hf_tls_ops hf_tls_ops;
static const struct hf_tls_ops *const ops = &hf_tls_ops;

#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1

static void test_server_name(void **state)
{
    static const struct {
        const unsigned char *bytes;
        size_t length;
        const char *name; /* NULL: refused */
    } cases[] = {
        {BYTES("\0\x06\0\0\x03" "a.b"), "a.b"},
        {BYTES("\0\x06\0\0\x03" "A.B"), "a.b"},
        {BYTES("\0\x07\0\0\x04" "a_-1"), "a_-1"},
        {BYTES(""), NULL},
        {BYTES("\0"), NULL},
        {BYTES("\0\0"), NULL},
        {BYTES("\0\x03\0\0\0"), NULL},
        {BYTES("\0\x06\x01\0\x03" "a.b"), NULL},                     /* another kind of name */
        {BYTES("\0\x06\0\0\x02" "a.b"), NULL},                       /* a byte behind it */
        {BYTES("\0\x06\0\0\x03" "a.b" "c"), NULL},                   /* and behind the list */
        {BYTES("\0\x0c\0\0\x03" "a.b" "\0\0\x03" "c.d"), NULL},      /* two names */
        {BYTES("\0\x06\0\0\x04" "a.b"), NULL},
        {BYTES("\0\x06\0\0\x03" "a b"), NULL},
        {BYTES("\0\x06\0\0\x03" "a\0b"), NULL},
        {BYTES("\0\x06\0\0\x03" "a\xc3\xa4"), NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[HF_TLS_NAME_MAX];
        const bool good = hf_hello_server_name(cases[i].bytes, cases[i].length, name);

        print_message("case %zu\n", i);
        assert_int_equal(good, cases[i].name != NULL);
        if (good)
            assert_string_equal(name, cases[i].name);
    }
}

static void test_protocols(void **state)
{
    static const struct {
        const unsigned char *bytes;
        size_t length;
        bool good;
        unsigned protocols;
    } cases[] = {
        {BYTES("\0\x0c\x02h2\x08http/1.1"), true, HF_TLS_HTTP1 | HF_TLS_HTTP2},
        {BYTES("\0\x09\x08http/1.1"), true, HF_TLS_HTTP1},
        {BYTES("\0\x09\x08http/1.0"), true, 0},
        {BYTES("\0\x03\x02h3"), true, 0},
        {BYTES("\0\x02\x01h2"), false, 0},
        {BYTES("\0\x01\0"), false, 0},
        {BYTES("\0\0"), false, 0},
        {BYTES("\0\x04\x02h2"), false, 0},
        {BYTES(""), false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned protocols;

        print_message("case %zu\n", i);
        assert_int_equal(hf_hello_protocols(cases[i].bytes, cases[i].length, &protocols), cases[i].good);
        if (cases[i].good)
            assert_int_equal(protocols, cases[i].protocols);
    }
}

static unsigned released;

static void release_string(void *kept)
{
    released++;
    free(kept);
}

static void test_cache(void **state)
{
    struct hf_cache *cache = calloc(1, sizeof(*cache));
    char *made = strdup("made");
    char host[16];

    (void)state;
    cache->release = release_string;
    assert_null(hf_cache_find(cache, "a.test", 0));
    hf_cache_put(cache, "a.test", made, 10000);
    assert_ptr_equal(hf_cache_find(cache, "a.test", 10000), made);
    assert_null(hf_cache_find(cache, "b.test", 0));
    assert_null(hf_cache_find(cache, "a.test", 10001)); /* too old to be given out */
    hf_cache_put(cache, "a.test", strdup("anew"), 20000);
    assert_int_equal(released, 1);
    assert_string_equal(hf_cache_find(cache, "a.test", 10001), "anew");
    hf_cache_drop(cache, "b.test");
    hf_cache_drop(cache, "a.test");
    assert_int_equal(released, 2);
    assert_null(hf_cache_find(cache, "a.test", 0));
    for (int i = 0; i < 2000; i++) {
        snprintf(host, sizeof(host), "h%d.test", i);
        hf_cache_put(cache, host, strdup(host), 10000);
        assert_string_equal(hf_cache_find(cache, host, 0), host);
    }
    hf_cache_clear(cache);
    assert_int_equal(released, 2002);
    free(cache);
}

/* A certificate that is the roots where no server is met. */
static char *some_root(size_t *length)
{
    static const char *const hosts[] = {"root.test"};
    EVP_PKEY *key = hf_certificate_key();
    X509 *certificate = hf_certificate_ca(key, hosts, 1);
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes, *copy;

    assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
    *length = (size_t)BIO_get_mem_data(bio, &bytes);
    copy = malloc(*length);
    memcpy(copy, bytes, *length);
    BIO_free(bio);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return copy;
}

static struct hf_tls_world *open_world(const char *const *hosts, size_t count)
{
    char reason[HF_TLS_REASON_MAX];
    size_t length;
    char *root = some_root(&length);
    struct hf_tls_world *world = ops->open(hosts, count, root, length, reason);

    free(root);
    assert_non_null(world);
    return world;
}

static void test_roots_that_are_none(void **state)
{
    static const char *const hosts[] = {"a.test"};
    char reason[HF_TLS_REASON_MAX];

    (void)state;
    assert_null(ops->open(hosts, 1, "no root\n", 8, reason));
    assert_string_equal(reason, "there is no certificate in the file of roots");
}

static X509 *certificate_of(const struct hf_tls_world *world)
{
    size_t length;
    const char *pem = ops->certificate(world, &length);
    BIO *bio = BIO_new_mem_buf(pem, (int)length);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    assert_non_null(certificate);
    return certificate;
}

/* OpenSSL's client, that asks for `name` and demands `expected`. */
struct client {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
};

static struct client client_of(X509 *root, const char *name, const char *expected, struct hf_end *end)
{
    struct client client = {.context = SSL_CTX_new(TLS_client_method())};
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(client.context), root);
    SSL_CTX_set_verify(client.context, SSL_VERIFY_PEER, NULL);
    client.ssl = SSL_new(client.context);
    client.fd = ends[0];
    SSL_set_connect_state(client.ssl);
    SSL_set_fd(client.ssl, ends[0]);
    if (name)
        SSL_set_tlsext_host_name(client.ssl, name);
    if (expected)
        SSL_set1_host(client.ssl, expected);
    SSL_set_alpn_protos(client.ssl, (const unsigned char *)"\x02h2\x08http/1.1", 12);
    *end = (struct hf_end){.fd = ends[1], .readable = true, .writable = true};
    return client;
}

static void leave(struct client *client, struct hf_tls *tls, const struct hf_end *end)
{
    ops->free(tls);
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    close(client->fd);
    close(end->fd);
}

/* Both sides in turns until one is through or fails: what became of ours. */
static enum hf_tls_result shake(struct client *client, struct hf_tls *tls, struct hf_end *end)
{
    enum hf_tls_result result = HF_TLS_WAIT;
    int done = 0;

    for (int i = 0; i < 20 && (result == HF_TLS_WAIT || done != 1); i++) {
        if (done != 1)
            done = SSL_do_handshake(client->ssl);
        end->readable = true;
        if (result == HF_TLS_WAIT)
            result = ops->handshake(tls);
        if (result == HF_TLS_FAILED)
            break;
    }
    return done == 1 || result != HF_TLS_DONE ? result : HF_TLS_FAILED;
}

/* As far as the ClientHello and the answer to it. */
static struct hf_tls *meet(struct hf_tls_world *world, struct client *client, struct hf_end *end, const char *host,
                           unsigned protocol)
{
    const struct hf_tls_place place = {.host = host};
    struct hf_tls *tls = ops->accept(world, end, "", 0);
    struct hf_tls_hello hello;

    assert_int_equal(ops->hello(tls, &hello), HF_TLS_WAIT);
    assert_int_equal(SSL_do_handshake(client->ssl), -1);
    end->readable = true;
    assert_int_equal(ops->hello(tls, &hello), HF_TLS_DONE);
    assert_string_equal(hello.name, host);
    assert_int_equal(hello.protocols, HF_TLS_HTTP1 | HF_TLS_HTTP2);
    assert_int_equal(ops->hello(tls, &hello), HF_TLS_DONE);
    assert_true(ops->answer(tls, &place, protocol));
    return tls;
}

static void test_bytes_go_both_ways_and_end(void **state)
{
    static const char *const hosts[] = {"a.test", "*.wild.test"};
    static const char *const asked[] = {"a.test", "b.wild.test", "a.test", "b.wild.test"};
    struct hf_tls_world *world = open_world(hosts, 2);
    X509 *root = certificate_of(world);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct hf_end end;
        struct client client = client_of(root, asked[i], asked[i], &end);
        const unsigned protocol = i % 2 ? HF_TLS_HTTP2 : HF_TLS_HTTP1;
        struct hf_tls *tls = meet(world, &client, &end, asked[i], protocol);
        char bytes[64];
        size_t got;

        assert_int_equal(shake(&client, tls, &end), HF_TLS_DONE);
        assert_int_equal(ops->protocol(tls), protocol);
        assert_int_equal(ops->leaves(world), i == 0 ? 1 : 2);
        assert_int_equal(SSL_write(client.ssl, "up", 2), 2);
        end.readable = true;
        assert_int_equal(ops->read(tls, bytes, sizeof(bytes), &got), HF_TLS_DONE);
        assert_memory_equal(bytes, "up", got);
        assert_int_equal(ops->read(tls, bytes, sizeof(bytes), &got), HF_TLS_WAIT);
        assert_false(end.readable);
        assert_int_equal(ops->write(tls, "down", 4, &got), HF_TLS_DONE);
        assert_int_equal(SSL_read(client.ssl, bytes, sizeof(bytes)), 4);
        assert_int_equal(ops->finish(tls), HF_TLS_DONE);
        assert_int_equal(SSL_read(client.ssl, bytes, sizeof(bytes)), 0);
        assert_int_equal(SSL_get_error(client.ssl, 0), SSL_ERROR_ZERO_RETURN);
        SSL_shutdown(client.ssl);
        end.readable = true;
        assert_int_equal(ops->read(tls, bytes, sizeof(bytes), &got), HF_TLS_ENDED);
        leave(&client, tls, &end);
    }
    X509_free(root);
    ops->close(world);
}

/* A stream that is cut is no stream that ended. */
static void test_an_end_without_a_word_is_a_failure(void **state)
{
    static const char *const hosts[] = {"a.test"};
    struct hf_tls_world *world = open_world(hosts, 1);
    X509 *root = certificate_of(world);
    struct hf_end end;
    struct client client = client_of(root, "a.test", "a.test", &end);
    struct hf_tls *tls = meet(world, &client, &end, "a.test", HF_TLS_HTTP1);
    char bytes[64];
    size_t got;

    (void)state;
    assert_int_equal(shake(&client, tls, &end), HF_TLS_DONE);
    shutdown(client.fd, SHUT_WR);
    end.readable = true;
    assert_int_equal(ops->read(tls, bytes, sizeof(bytes), &got), HF_TLS_FAILED);
    assert_non_null(strstr(ops->reason(tls), "unexpected eof"));
    leave(&client, tls, &end);
    X509_free(root);
    ops->close(world);
}

/* OpenSSL reads on until it has something to hand out: others wait for as long as a peer sends what is not for that. */
static void test_records_that_say_nothing_do_not_hold_others_up(void **state)
{
    static const char *const hosts[] = {"a.test"};
    struct hf_tls_world *world = open_world(hosts, 1);
    X509 *root = certificate_of(world);
    struct hf_end end;
    struct client client = client_of(root, "a.test", "a.test", &end);
    struct hf_tls *tls = meet(world, &client, &end, "a.test", HF_TLS_HTTP1);
    int sent = 0, left, calls = 0;
    char bytes[64];
    size_t got;

    (void)state;
    assert_int_equal(shake(&client, tls, &end), HF_TLS_DONE);
    for (; sent < 150; sent++) {
        assert_int_equal(SSL_key_update(client.ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        if (SSL_do_handshake(client.ssl) != 1)
            break;
    }
    assert_int_equal(SSL_write(client.ssl, "up", 2), 2);
    end.readable = true;
    assert_int_equal(ops->read(tls, bytes, sizeof(bytes), &got), HF_TLS_DONE);
    assert_int_equal(got, 0);
    assert_int_equal(ioctl(end.fd, FIONREAD, &left), 0);
    assert_true(left > 0 && end.readable);
    while (!got && calls++ < 10)
        assert_int_equal(ops->read(tls, bytes, sizeof(bytes), &got), HF_TLS_DONE);
    assert_memory_equal(bytes, "up", got);
    leave(&client, tls, &end);
    X509_free(root);
    ops->close(world);
}

/* Is the leaf that the CA for these hosts makes for a place one to a client? */
static bool is_good(const char *const *hosts, size_t count, const struct hf_tls_place *place)
{
    EVP_PKEY *key = hf_certificate_key();
    struct hf_identity_of_tls ca = {hf_certificate_ca(key, hosts, count), key};
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    time_t until;
    X509 *leaf;
    bool good;

    assert_non_null(ca.certificate);
    leaf = hf_certificate_leaf(&ca, key, place, &until);
    assert_non_null(leaf);
    assert_int_equal(place->is_address ? X509_check_ip_asc(leaf, place->host, 0)
                                       : X509_check_host(leaf, place->host, 0, 0, NULL), 1);
    X509_STORE_add_cert(store, ca.certificate);
    X509_STORE_CTX_init(context, store, leaf, NULL);
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
    good = X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(leaf);
    X509_free(ca.certificate);
    EVP_PKEY_free(key);
    return good;
}

/* A leaf for any other host is none to a client, should the key ever be used for one. */
static void test_the_ca_is_for_the_policys_hosts_alone(void **state)
{
    static const struct {
        const char *hosts[2];
        size_t count;
        const char *asked;
        bool is_address, good;
    } cases[] = {
        {{"a.test"}, 1, "a.test", false, true},
        {{"a.test"}, 1, "b.test", false, false},
        {{"a.test"}, 1, "127.0.0.1", true, false},
        {{"127.0.0.1"}, 1, "127.0.0.1", true, true},
        {{"127.0.0.1"}, 1, "127.0.0.2", true, false},
        {{"127.0.0.1"}, 1, "a.test", false, false},
        {{"::1"}, 1, "::1", true, true},
        {{"*.test"}, 1, "a.b.test", false, true},
        {{"*.a.test"}, 1, "b.test", false, false},
        {{"a.test", "::1"}, 2, "a.test", false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("case %zu\n", i);
        assert_int_equal(is_good(cases[i].hosts, cases[i].count, &(struct hf_tls_place){cases[i].asked, cases[i].is_address}),
                         cases[i].good);
    }
}

static void test_the_ca_is_for_the_policys_hosts_alone_however_many(void **state)
{
    enum { COUNT = 2000 };
    static char names[COUNT][250];
    const char label[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh";
    const char *hosts[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof(names[i]), "h%zu.%.60s.%.60s.%.60s.test", i, label, label, label);
        hosts[i] = names[i];
    }
    assert_true(is_good(hosts, COUNT, &(struct hf_tls_place){names[COUNT - 1], false}));
    assert_false(is_good(hosts, COUNT, &(struct hf_tls_place){"b.test", false}));
    assert_false(is_good(hosts, COUNT, &(struct hf_tls_place){"127.0.0.1", true}));
}

static void test_what_is_no_tls_is_told(void **state)
{
    static const char *const hosts[] = {"a.test"};
    struct hf_tls_world *world = open_world(hosts, 1);
    struct hf_tls_hello hello;
    struct hf_end end = {.fd = -1};
    struct hf_tls *tls = ops->accept(world, &end, "GET / HTTP/1.1\r\n\r\n", 18);

    (void)state;
    assert_int_equal(ops->hello(tls, &hello), HF_TLS_FAILED);
    assert_string_equal(ops->reason(tls), "http request");
    ops->free(tls);
    ops->close(world);
}

static void test_a_client_is_refused_by_an_alert(void **state)
{
    static const char *const hosts[] = {"a.test"};
    struct hf_tls_world *world = open_world(hosts, 1);
    X509 *root = certificate_of(world);
    struct hf_end end;
    struct client client = client_of(root, "other.test", NULL, &end);
    struct hf_tls *tls = ops->accept(world, &end, "", 0);
    struct hf_tls_hello hello;

    (void)state;
    assert_int_equal(SSL_do_handshake(client.ssl), -1);
    assert_int_equal(ops->hello(tls, &hello), HF_TLS_DONE);
    assert_string_equal(hello.name, "other.test");
    ops->refuse(tls, true);
    assert_int_equal(SSL_do_handshake(client.ssl), -1);
    assert_int_equal(SSL_get_error(client.ssl, -1), SSL_ERROR_SSL);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_AD_REASON_OFFSET + SSL_AD_UNRECOGNIZED_NAME);
    ERR_clear_error();
    leave(&client, tls, &end);
    X509_free(root);
    ops->close(world);
}

/* One world's server side against another's client side. */
static enum hf_tls_result between(struct hf_tls_world *server, struct hf_tls_world *client, const char *name,
                                  const char *expected, unsigned protocol, char reason[HF_TLS_REASON_MAX])
{
    const struct hf_tls_place place = {.host = name}, wanted = {.host = expected};
    struct hf_end ends[2];
    struct hf_tls *accepting, *connecting;
    struct hf_tls_hello hello;
    enum hf_tls_result result = HF_TLS_WAIT;
    size_t got;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    for (int i = 0; i < 2; i++)
        ends[i] = (struct hf_end){.fd = pair[i], .readable = true, .writable = true};
    accepting = ops->accept(server, &ends[0], "", 0);
    connecting = ops->connect(client, &ends[1], &wanted, HF_TLS_HTTP1);
    assert_int_equal(ops->handshake(connecting), HF_TLS_WAIT);
    assert_int_equal(ops->hello(accepting, &hello), HF_TLS_DONE);
    assert_string_equal(hello.name, expected);
    assert_true(ops->answer(accepting, &place, protocol));
    for (int i = 0; i < 10 && result == HF_TLS_WAIT; i++) {
        ends[0].readable = ends[1].readable = true;
        ops->handshake(accepting);
        result = ops->handshake(connecting);
    }
    if (result == HF_TLS_DONE) { /* what comes behind a handshake of TLS 1.3 are the server's sessions */
        ends[0].readable = true;
        ops->handshake(accepting);
        ends[1].readable = true;
        assert_int_equal(ops->read(connecting, reason, 1, &got), HF_TLS_WAIT);
    }
    strcpy(reason, ops->reason(connecting));
    ops->free(accepting);
    ops->free(connecting);
    close(pair[0]);
    close(pair[1]);
    return result;
}

static void test_a_server_is_judged_by_the_roots_and_its_name(void **state)
{
    static const char *const hosts[] = {"a.test", "b.test"};
    struct hf_tls_world *server = open_world(hosts, 2), *stranger = open_world(hosts, 2), *client;
    char reason[HF_TLS_REASON_MAX];
    size_t length;
    const char *root = ops->certificate(server, &length);

    (void)state;
    client = ops->open(hosts, 2, root, length, reason);
    assert_non_null(client);
    assert_int_equal(between(server, client, "a.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_DONE);
    assert_int_equal(between(server, client, "b.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_FAILED);
    assert_non_null(strstr(reason, "ostname mismatch"));
    assert_int_equal(between(stranger, client, "a.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_FAILED);
    assert_non_null(strstr(reason, "issuer"));
    assert_int_equal(between(server, client, "a.test", "a.test", 0, reason), HF_TLS_DONE);
    assert_int_equal(between(server, client, "a.test", "a.test", HF_TLS_HTTP2, reason), HF_TLS_FAILED); /* not offered */
    ops->close(client);
    ops->close(stranger);
    ops->close(server);
}

static struct hf_tls_world *open_giver(const char *const *hosts, size_t count)
{
    struct hf_tls_world *world = open_world(hosts, count);

    SSL_CTX_clear_options(world->server, SSL_OP_NO_TICKET);
    assert_int_equal(SSL_CTX_set_num_tickets(world->server, 1), 1);
    return world;
}

/* Whoever knows a session proves by it that he is whom it was kept for, and shows no certificate. */
static void test_a_session_is_good_for_its_host_alone(void **state)
{
    static const char *const hosts[] = {"a.test", "b.test"};
    struct hf_tls_world *server = open_giver(hosts, 2), *stranger = open_giver(hosts, 2), *client;
    char reason[HF_TLS_REASON_MAX];
    size_t length;
    const char *root = ops->certificate(server, &length);
    const time_t until = time(NULL) + 100;
    SSL_SESSION *kept;

    (void)state;
    client = ops->open(hosts, 2, root, length, reason);
    assert_int_equal(between(server, client, "b.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_FAILED);
    assert_int_equal(between(server, client, "a.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_DONE);
    assert_non_null(kept = hf_cache_find(&client->sessions, "a.test", time(NULL)));
    assert_int_equal(SSL_SESSION_up_ref(kept), 1);
    hf_cache_put(&client->sessions, "a.test", kept, until);
    for (int i = 0; i < 3; i++)
        assert_int_equal(between(server, client, "b.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_DONE);
    /* It counts from when the server proved itself by its certificate, however often it was resumed. */
    assert_int_equal(hf_cache_until(&client->sessions, "a.test"), until);
    assert_int_equal(between(server, client, "a.test", "b.test", HF_TLS_HTTP1, reason), HF_TLS_FAILED);
    assert_non_null(strstr(reason, "ostname mismatch"));
    assert_int_equal(between(server, client, "b.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_DONE);

    assert_int_equal(between(stranger, client, "a.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_FAILED);
    assert_non_null(strstr(reason, "issuer"));
    /* With what failed it is not tried again. */
    assert_int_equal(between(server, client, "b.test", "a.test", HF_TLS_HTTP1, reason), HF_TLS_FAILED);
    ops->close(client);
    ops->close(stranger);
    ops->close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_name),
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_cache),
        cmocka_unit_test(test_roots_that_are_none),
        cmocka_unit_test(test_bytes_go_both_ways_and_end),
        cmocka_unit_test(test_an_end_without_a_word_is_a_failure),
        cmocka_unit_test(test_records_that_say_nothing_do_not_hold_others_up),
        cmocka_unit_test(test_the_ca_is_for_the_policys_hosts_alone),
        cmocka_unit_test(test_the_ca_is_for_the_policys_hosts_alone_however_many),
        cmocka_unit_test(test_what_is_no_tls_is_told),
        cmocka_unit_test(test_a_client_is_refused_by_an_alert),
        cmocka_unit_test(test_a_server_is_judged_by_the_roots_and_its_name),
        cmocka_unit_test(test_a_session_is_good_for_its_host_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
