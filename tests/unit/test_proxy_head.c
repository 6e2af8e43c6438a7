/* The request head: what is taken, what is refused and with which status, and that it makes no difference in how many
 * pieces it comes. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/head.h"

#define BYTES(text) text, sizeof(text) - 1
#define HOST "Host: example.com:443\r\n"
#define GET(target, host) BYTES("GET " target " HTTP/1.1\r\nHost: " host "\r\n\r\n")
#define GET0(target, fields) BYTES("GET " target " HTTP/1.0\r\n" fields "\r\n")
#define TO(target) BYTES("CONNECT " target " HTTP/1.0\r\n\r\n")

struct row {
    const char *title;
    const char *bytes;
    size_t length;
    int status;       /* 200 for a head that is taken, 0 for one that is not whole yet */
    const char *host; /* when taken */
    uint16_t port;
};

static const struct row rows[] = {
    {"a plain CONNECT", BYTES("CONNECT example.com:443 HTTP/1.1\r\n" HOST "\r\n"), 200, "example.com", 443},
    {"HTTP/1.0 without Host", TO("example.com:443"), 200, "example.com", 443},
    {"curl's fields", BYTES("CONNECT example.com:443 HTTP/1.1\r\n" HOST "User-Agent: curl/7.88\r\n"
                            "Proxy-Connection: Keep-Alive\r\n\r\n"), 200, "example.com", 443},
    {"Host without a port", BYTES("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n"), 200,
     "example.com", 443},
    {"upper case becomes lower", TO("EXAMPLE.Com:443"), 200, "example.com", 443},
    {"one dot at the end goes", TO("example.com.:443"), 200, "example.com", 443},
    {"an IDN in its ASCII form", TO("xn--bcher-kva.example:443"), 200, "xn--bcher-kva.example", 443},
    {"an underscore", TO("_svc.example.com:1"), 200, "_svc.example.com", 1},
    {"the greatest port", TO("a:65535"), 200, "a", 65535},
    {"an IPv4 address", TO("127.0.0.1:80"), 200, "127.0.0.1", 80},
    {"an IPv6 address", TO("[::1]:80"), 200, "::1", 80},
    {"an IPv6 address in its long form", TO("[0:0:0:0:0:0:0:1]:80"), 200, "::1", 80},
    {"an IPv4-mapped address stays one", TO("[::FFFF:127.0.0.1]:80"), 200, "::ffff:127.0.0.1", 80},
    {"bytes behind the head are the tunnel's", BYTES("CONNECT a:1 HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 200, "a", 1},
    {"a length of nothing", BYTES("CONNECT a:1 HTTP/1.0\r\nContent-Length: 0\r\n\r\n"), 200, "a", 1},

    {"nothing yet", BYTES(""), 0, NULL, 0},
    {"half a line", BYTES("CONNECT exam"), 0, NULL, 0},
    {"no empty line yet", BYTES("CONNECT a:1 HTTP/1.0\r\n"), 0, NULL, 0},
    {"a CR that may yet get its LF", BYTES("CONNECT a:1 HTTP/1.0\r\n\r"), 0, NULL, 0},

    /* line ends, bytes */
    {"bare LF at the end of the request", BYTES("CONNECT a:1 HTTP/1.0\n\n"), 400, NULL, 0},
    {"bare LF at the end of a field", BYTES("CONNECT a:1 HTTP/1.0\r\nA: b\n\r\n"), 400, NULL, 0},
    {"bare LF as the empty line", BYTES("CONNECT a:1 HTTP/1.0\r\n\n"), 400, NULL, 0},
    {"bare CR", BYTES("CONNECT a:1 HTTP/1.0\rA: b\r\n\r\n"), 400, NULL, 0},
    {"two CR", BYTES("CONNECT a:1 HTTP/1.0\r\r\n\r\n"), 400, NULL, 0},
    {"an empty line in front", BYTES("\r\nCONNECT a:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"NUL in the host", BYTES("CONNECT a\0.example.com:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"NUL in a field", BYTES("CONNECT a:1 HTTP/1.0\r\nA: b\0c\r\n\r\n"), 400, NULL, 0},
    {"a control byte", BYTES("CONNECT a:1 HTTP/1.0\r\nA: \x01\r\n\r\n"), 400, NULL, 0},
    {"DEL", BYTES("CONNECT a\x7f:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"a vertical tab", BYTES("CONNECT\va:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"a host in UTF-8", BYTES("CONNECT b\xc3\xbc""cher.example:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"a TLS ClientHello", BYTES("\x16\x03\x01"), 400, NULL, 0},

    /* the request line */
    {"two spaces", BYTES("CONNECT  a:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"a space at the end", BYTES("CONNECT a:1 HTTP/1.0 \r\n\r\n"), 400, NULL, 0},
    {"a tab between", BYTES("CONNECT\ta:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"a space in front", BYTES(" CONNECT a:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"no version", BYTES("CONNECT a:1\r\n\r\n"), 400, NULL, 0},
    {"no target", BYTES("CONNECT HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"four words", BYTES("CONNECT a:1 b:2 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"a version in lower case", BYTES("CONNECT a:1 http/1.1\r\n\r\n"), 400, NULL, 0},
    {"HTTP/2", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505, NULL, 0},
    {"HTTP/1.2", BYTES("CONNECT a:1 HTTP/1.2\r\n\r\n"), 505, NULL, 0},
    {"a version that is too long", BYTES("CONNECT a:1 HTTP/1.10\r\n\r\n"), 400, NULL, 0},
    {"GET in origin form", BYTES("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400, NULL, 0},
    {"GET in authority form", BYTES("GET a:80 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"CONNECT in absolute form", BYTES("CONNECT http://a:80/ HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"OPTIONS *", BYTES("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), 400, NULL, 0},
    {"connect in lower case is another method", BYTES("connect a:1 HTTP/1.0\r\n\r\n"), 400, NULL, 0},
    {"connect in lower case with an address", BYTES("connect http://a/ HTTP/1.0\r\n\r\n"), 400, NULL, 0},

    /* absolute form */
    {"a plain GET", GET("http://example.com/", "example.com"), 200, "example.com", 80},
    {"with a port", GET("http://example.com:8080/a?b=c", "example.com:8080"), 200, "example.com", 8080},
    {"the usual port in Host", GET("http://example.com/", "example.com:80"), 200, "example.com", 80},
    {"the usual port in the address", GET("http://example.com:80/", "example.com"), 200, "example.com", 80},
    {"no path", GET("http://example.com", "example.com"), 200, "example.com", 80},
    {"a query without a path", GET("http://example.com?a=/@", "example.com"), 200, "example.com", 80},
    {"upper case", GET("HTTP://EXAMPLE.com./", "example.COM"), 200, "example.com", 80},
    {"an @ in the path", GET("http://example.com/@evil.example/", "example.com"), 200, "example.com", 80},
    {"an IPv6 address", GET("http://[::1]:81/", "[::1]:81"), 200, "::1", 81},
    {"an IPv6 address, the usual port", GET("http://[::1]/", "[::1]"), 200, "::1", 80},
    {"HTTP/1.0 without Host", GET0("http://example.com/", ""), 200, "example.com", 80},
    {"a body by length", GET0("http://a/", "Content-Length: 5\r\n"), 200, "a", 80},
    {"a body in chunks", GET("http://a/", "a\r\nTransfer-Encoding: Chunked"), 200, "a", 80},
    {"no Host", BYTES("GET http://a/ HTTP/1.1\r\n\r\n"), 400, NULL, 0},
    {"another Host", GET("http://example.com/", "evil.example"), 400, NULL, 0},
    {"another port in Host", GET("http://example.com/", "example.com:8080"), 400, NULL, 0},
    {"no port in Host, and one in the address", GET("http://example.com:8080/", "example.com"), 400, NULL, 0},
    {"two Hosts", GET("http://a/", "a\r\nHost: a"), 400, NULL, 0},
    {"an absolute Host", GET("http://a/", "http://a/"), 400, NULL, 0},
    {"https", GET("https://a/", "a"), 400, NULL, 0},
    {"ftp", GET("ftp://a/", "a"), 400, NULL, 0},
    {"a scheme alone", GET("http://", "a"), 400, NULL, 0},
    {"one slash", GET("http:/a/", "a"), 400, NULL, 0},
    {"three slashes", GET("http:///a/", "a"), 400, NULL, 0},
    {"user information", GET("http://user:secret@example.com/", "example.com"), 400, NULL, 0},
    {"an allowed host as user", GET("http://example.com@evil.example/", "evil.example"), 400, NULL, 0},
    {"an allowed host and a backslash", GET("http://evil.example\\.example.com/", "example.com"), 400, NULL, 0},
    {"a backslash for a slash", GET("http:\\\\a/", "a"), 400, NULL, 0},
    {"a fragment", GET("http://a/#b", "a"), 400, NULL, 0},
    {"a fragment behind the host", GET("http://a#b", "a"), 400, NULL, 0},
    {"port 0", GET("http://a:0/", "a:0"), 400, NULL, 0},
    {"an empty port", GET("http://a:/", "a"), 400, NULL, 0},
    {"a port with a plus", GET("http://a:+80/", "a"), 400, NULL, 0},
    {"a port over 65535", GET("http://a:65616/", "a"), 400, NULL, 0},
    {"hex and short", GET("http://0x7f.1/", "0x7f.1"), 400, NULL, 0},
    {"octal", GET("http://0177.0.0.1/", "0177.0.0.1"), 400, NULL, 0},
    {"decimal", GET("http://2130706433/", "2130706433"), 400, NULL, 0},
    {"a zone", GET("http://[fe80::1%lo]/", "[fe80::1%lo]"), 400, NULL, 0},
    {"an escaped zone", GET("http://[fe80::1%25lo]/", "[fe80::1%25lo]"), 400, NULL, 0},
    {"an escape in the host", GET("http://exampl%65.com/", "example.com"), 400, NULL, 0},
    {"chunks and length", GET("http://a/", "a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5"), 400, NULL, 0},
    {"length and chunks", GET("http://a/", "a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked"), 400, NULL, 0},
    {"two lengths", GET("http://a/", "a\r\nContent-Length: 5\r\nContent-Length: 6"), 400, NULL, 0},
    {"two lengths in one", GET("http://a/", "a\r\nContent-Length: 5, 5"), 400, NULL, 0},
    {"a length with a plus", GET("http://a/", "a\r\nContent-Length: +5"), 400, NULL, 0},
    {"a length with a minus", GET("http://a/", "a\r\nContent-Length: -5"), 400, NULL, 0},
    {"a length in hex", GET("http://a/", "a\r\nContent-Length: 0x5"), 400, NULL, 0},
    {"a length that is octal to some", GET("http://a/", "a\r\nContent-Length: 010"), 400, NULL, 0},
    {"a length beyond 64 bits", GET("http://a/", "a\r\nContent-Length: 18446744073709551621"), 400, NULL, 0},
    {"an empty length", GET("http://a/", "a\r\nContent-Length:"), 400, NULL, 0},
    {"gzip and chunks", GET("http://a/", "a\r\nTransfer-Encoding: gzip, chunked"), 400, NULL, 0},
    {"two chunked", GET("http://a/", "a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400, NULL, 0},
    {"chunked that is not quite", GET("http://a/", "a\r\nTransfer-Encoding: xchunked"), 400, NULL, 0},
    {"chunked with a vertical tab", GET("http://a/", "a\r\nTransfer-Encoding: \vchunked"), 400, NULL, 0},
    {"chunks with a blank before the colon", GET("http://a/", "a\r\nTransfer-Encoding : chunked"), 400, NULL, 0},
    {"chunks in HTTP/1.0", GET0("http://a/", "Transfer-Encoding: chunked\r\n"), 400, NULL, 0},
    {"Connection names the length", GET("http://a/", "a\r\nConnection: close, Content-Length"), 400, NULL, 0},
    {"Connection names chunks", GET("http://a/", "a\r\nConnection: transfer-encoding"), 400, NULL, 0},
    {"Connection names Host", GET("http://a/", "a\r\nConnection: host"), 400, NULL, 0},

    /* fields */
    {"no Host in HTTP/1.1", BYTES("CONNECT a:1 HTTP/1.1\r\n\r\n"), 400, NULL, 0},
    {"two Host fields", BYTES("CONNECT example.com:443 HTTP/1.1\r\n" HOST HOST "\r\n"), 400, NULL, 0},
    {"two Host fields in different case", BYTES("CONNECT example.com:443 HTTP/1.1\r\n" HOST
                                                "HOST: evil.example\r\n\r\n"), 400, NULL, 0},
    {"another Host", BYTES("CONNECT example.com:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n"), 400, NULL, 0},
    {"another port in Host", BYTES("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:80\r\n\r\n"), 400, NULL, 0},
    {"an empty Host", BYTES("CONNECT example.com:443 HTTP/1.1\r\nHost:\r\n\r\n"), 400, NULL, 0},
    {"a folded field", BYTES("CONNECT a:1 HTTP/1.0\r\nA: b\r\n c\r\n\r\n"), 400, NULL, 0},
    {"a folded field with a tab", BYTES("CONNECT a:1 HTTP/1.0\r\nA: b\r\n\tc\r\n\r\n"), 400, NULL, 0},
    {"a fold behind the request line", BYTES("CONNECT a:1 HTTP/1.0\r\n A: b\r\n\r\n"), 400, NULL, 0},
    {"a space before the colon", BYTES("CONNECT example.com:443 HTTP/1.1\r\nHost : example.com\r\n\r\n"), 400, NULL, 0},
    {"a field without a colon", BYTES("CONNECT a:1 HTTP/1.0\r\nA\r\n\r\n"), 400, NULL, 0},
    {"a field without a name", BYTES("CONNECT a:1 HTTP/1.0\r\n: b\r\n\r\n"), 400, NULL, 0},
    {"a body by length", BYTES("CONNECT a:1 HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello"), 400, NULL, 0},
    {"a length of +0", BYTES("CONNECT a:1 HTTP/1.0\r\nContent-Length: +0\r\n\r\n"), 400, NULL, 0},
    {"two lengths", BYTES("CONNECT a:1 HTTP/1.0\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"), 400, NULL, 0},
    {"a body in chunks", BYTES("CONNECT a:1 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400, NULL, 0},
    {"chunks and length", BYTES("CONNECT a:1 HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n"), 400,
     NULL, 0},
    {"two Proxy-Authorization fields", BYTES("CONNECT a:1 HTTP/1.0\r\nProxy-Authorization: Basic YQ==\r\n"
                                             "proxy-authorization: Basic Yg==\r\n\r\n"), 400, NULL, 0},

    /* the target */
    {"no port", TO("example.com"), 400, NULL, 0},
    {"an empty port", TO("example.com:"), 400, NULL, 0},
    {"port 0", TO("example.com:0"), 400, NULL, 0},
    {"port 65536", TO("example.com:65536"), 400, NULL, 0},
    {"a port that wraps to 443", TO("example.com:4294967739"), 400, NULL, 0},
    {"a port with a space behind", TO("example.com:443 "), 400, NULL, 0},
    {"a port with a zero in front", TO("example.com:0443"), 400, NULL, 0},
    {"a port with a plus", TO("example.com:+443"), 400, NULL, 0},
    {"a port with a minus", TO("example.com:-443"), 400, NULL, 0},
    {"a port in hex", TO("example.com:0x1bb"), 400, NULL, 0},
    {"a port by name", TO("example.com:https"), 400, NULL, 0},
    {"two ports", TO("example.com:443:80"), 400, NULL, 0},
    {"no host", TO(":443"), 400, NULL, 0},
    {"a dot for a host", TO(".:443"), 400, NULL, 0},
    {"two dots at the end", TO("example.com..:443"), 400, NULL, 0},
    {"a dot in front", TO(".example.com:443"), 400, NULL, 0},
    {"two dots within", TO("a..example.com:443"), 400, NULL, 0},
    {"user information", TO("user@example.com:443"), 400, NULL, 0},
    {"an allowed host as user", TO("example.com@evil.example:443"), 400, NULL, 0},
    {"an allowed host and port as user", TO("example.com:443@evil.example:443"), 400, NULL, 0},
    {"a fragment", TO("evil.example#example.com:443"), 400, NULL, 0},
    {"a query", TO("evil.example?example.com:443"), 400, NULL, 0},
    {"a path", TO("evil.example/example.com:443"), 400, NULL, 0},
    {"a path behind", TO("example.com:443/"), 400, NULL, 0},
    {"a backslash", TO("evil.example\\example.com:443"), 400, NULL, 0},
    {"an absolute URI", TO("https://example.com:443"), 400, NULL, 0},
    {"an escape", TO("example%2ecom:443"), 400, NULL, 0},
    {"an escaped NUL", TO("evil.example%00example.com:443"), 400, NULL, 0},
    {"a wildcard", TO("*.example.com:443"), 400, NULL, 0},
    {"a comma", TO("a,b:443"), 400, NULL, 0},
    {"a hyphen in front", TO("-a.example:443"), 400, NULL, 0},
    {"a hyphen behind", TO("a-.example:443"), 400, NULL, 0},
    {"a label of 64", TO("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example:443"), 400, NULL, 0},

    /* addresses in other spellings: getaddrinfo would take most of them */
    {"decimal", TO("2130706433:80"), 400, NULL, 0},
    {"decimal of the metadata service", TO("2852039166:80"), 400, NULL, 0},
    {"hex", TO("0x7f000001:80"), 400, NULL, 0},
    {"hex in upper case", TO("0X7F000001:80"), 400, NULL, 0},
    {"hex of the metadata service", TO("0xa9fea9fe:80"), 400, NULL, 0},
    {"hex parts", TO("0xa9.0xfe.0xa9.0xfe:80"), 400, NULL, 0},
    {"hex and short", TO("0x7f.1:80"), 400, NULL, 0},
    {"octal", TO("0177.0.0.1:80"), 400, NULL, 0},
    {"octal of the metadata service", TO("0251.0376.0251.0376:80"), 400, NULL, 0},
    {"octal in one", TO("017700000001:80"), 400, NULL, 0},
    {"short", TO("127.1:80"), 400, NULL, 0},
    {"short of the metadata service", TO("169.254.43518:80"), 400, NULL, 0},
    {"zero", TO("0:80"), 400, NULL, 0},
    {"a bare 0x", TO("0x:80"), 400, NULL, 0},
    {"zeros in front", TO("127.0.0.01:80"), 400, NULL, 0},
    {"a part over 255", TO("127.0.0.256:80"), 400, NULL, 0},
    {"five parts", TO("127.0.0.0.1:80"), 400, NULL, 0},
    {"an address with a dot behind", TO("127.0.0.1.:80"), 400, NULL, 0},
    {"a number with a dot behind", TO("2130706433.:80"), 400, NULL, 0},
    {"a name whose last label is a number", TO("example.1:80"), 400, NULL, 0},
    {"IPv6 without brackets", TO("::1:80"), 400, NULL, 0},
    {"IPv6 with a zone", TO("[fe80::1%lo]:80"), 400, NULL, 0},
    {"IPv6 with an escaped zone", TO("[fe80::1%25lo]:80"), 400, NULL, 0},
    {"IPv6 with an empty zone", TO("[fe80::1%]:80"), 400, NULL, 0},
    {"IPv6 without the last bracket", TO("[::1:80"), 400, NULL, 0},
    {"IPv6 without a port", TO("[::1]"), 400, NULL, 0},
    {"IPv6 and more", TO("[::1].example.com:80"), 400, NULL, 0},
    {"IPv6 in two brackets", TO("[[::1]]:80"), 400, NULL, 0},
    {"IPv4 in brackets", TO("[127.0.0.1]:80"), 400, NULL, 0},
    {"nothing in brackets", TO("[]:80"), 400, NULL, 0},
    {"a name in brackets", TO("[example.com]:80"), 400, NULL, 0},
    {"a future kind of address", TO("[v1.fe80]:80"), 400, NULL, 0},
    {"IPv6 with a short IPv4 in it", TO("[::ffff:127.1]:80"), 400, NULL, 0},
};

/* Prints what differs, and tells whether anything does. */
static bool agrees(const struct row *row, enum hf_head_result result, const struct hf_head *head)
{
    int status = result == HF_HEAD_DONE ? 200 : result == HF_HEAD_MORE ? 0 : head->status;

    if (status != row->status) {
        print_error("%s: got %d (%s), expected %d\n", row->title, status, head->reason ? head->reason : "-", row->status);
        return false;
    }
    if (status == 200 && (strcmp(head->target.host, row->host) || head->target.port != row->port)) {
        print_error("%s: got %s port %u, expected %s port %u\n", row->title, head->target.host,
                    (unsigned)head->target.port, row->host, (unsigned)row->port);
        return false;
    }
    return status < 400 || head->reason;
}

static void every_row_gets_its_verdict(void **state)
{
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* On the heap and exactly as long, so that valgrind and ASan see one byte too many. */
        char *copy = malloc(rows[i].length ? rows[i].length : 1);
        struct hf_head head;

        memcpy(copy, rows[i].bytes, rows[i].length);
        bad += !agrees(&rows[i], hf_head_parse(copy, rows[i].length, &head), &head);
        free(copy);
    }
    assert_int_equal(bad, 0);
}

/* A head that comes byte by byte: the first answer that is not MORE is the one that the whole gets. */
static void pieces_make_no_difference(void **state)
{
    int bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum hf_head_result result = HF_HEAD_MORE;
        struct hf_head head = {0};

        for (size_t length = 0; length <= rows[i].length && result == HF_HEAD_MORE; length++)
            result = hf_head_parse(rows[i].bytes, length, &head);
        bad += !agrees(&rows[i], result, &head);
    }
    assert_int_equal(bad, 0);
}

static void a_head_of_8192_bytes_is_the_longest(void **state)
{
    static const char front[] = "CONNECT a:1 HTTP/1.0\r\nA: ";
    char *bytes = malloc(HF_HEAD_LIMIT + 1);
    struct hf_head head;

    (void)state;
    memset(bytes, 'x', HF_HEAD_LIMIT + 1);
    memcpy(bytes, front, sizeof(front) - 1);
    assert_int_equal(hf_head_parse(bytes, HF_HEAD_LIMIT - 1, &head), HF_HEAD_MORE);
    assert_int_equal(hf_head_parse(bytes, HF_HEAD_LIMIT, &head), HF_HEAD_REFUSED);
    assert_int_equal(head.status, 431);
    memcpy(bytes + HF_HEAD_LIMIT - 4, "\r\n\r\n", 4);
    assert_int_equal(hf_head_parse(bytes, HF_HEAD_LIMIT, &head), HF_HEAD_DONE);
    assert_int_equal(head.length, HF_HEAD_LIMIT);
    memcpy(bytes + HF_HEAD_LIMIT - 4, "x\r\n\r\n", 5);
    assert_int_equal(hf_head_parse(bytes, HF_HEAD_LIMIT + 1, &head), HF_HEAD_REFUSED);
    assert_int_equal(head.status, 431);
    free(bytes);
}

static void a_hundred_fields_are_the_most(void **state)
{
    char bytes[2048] = "CONNECT a:1 HTTP/1.0\r\n";
    struct hf_head head;
    size_t length;

    (void)state;
    for (int i = 0; i < 100; i++)
        strcat(bytes, "A: b\r\n");
    length = strlen(bytes);
    strcat(bytes, "\r\n");
    assert_int_equal(hf_head_parse(bytes, strlen(bytes), &head), HF_HEAD_DONE);
    strcpy(bytes + length, "A: b\r\n\r\n");
    assert_int_equal(hf_head_parse(bytes, strlen(bytes), &head), HF_HEAD_REFUSED);
}

static void a_host_of_253_characters_is_the_longest(void **state)
{
    char text[300] = "";
    struct hf_target target;

    (void)state;
    for (int i = 0; i < 126; i++)
        strcat(text, "a.");
    strcat(text, "b:1");
    assert_null(hf_target_parse(text, strlen(text), &target));
    assert_int_equal(strlen(target.host), 253);
    strcpy(text + 253, "c:1");
    assert_non_null(hf_target_parse(text, strlen(text), &target));
}

static void an_address_is_parsed_with_its_port(void **state)
{
    struct hf_target target;

    (void)state;
    assert_null(hf_target_parse(BYTES("127.0.0.1:8080"), &target));
    assert_int_equal(target.address.v4.sin_family, AF_INET);
    assert_int_equal(target.address.v4.sin_port, htons(8080));
    assert_int_equal(target.address.v4.sin_addr.s_addr, htonl(0x7f000001));
    assert_null(hf_target_parse(BYTES("[::1]:8080"), &target));
    assert_int_equal(target.address.v6.sin6_family, AF_INET6);
    assert_int_equal(target.address.v6.sin6_port, htons(8080));
    assert_null(hf_target_parse(BYTES("localhost:8080"), &target));
    assert_int_equal(target.address.any.sa_family, AF_UNSPEC);
}

#define INSIDE "\r\nHost: a.test:8443\r\n"

static void a_request_inside_of_a_tunnel_is_for_its_place(void **state)
{
    static const struct {
        const char *text;
        const char *path; /* NULL: refused */
        bool last, websocket;
    } cases[] = {
        {"GET /a?b HTTP/1.1" INSIDE "\r\n", "/a?b", false, false},
        {"OPTIONS * HTTP/1.1" INSIDE "\r\n", "", false, false},
        {"GET / HTTP/1.1" INSIDE "Connection: x, CLOSE\r\n\r\n", "/", true, false},
        {"GET / HTTP/1.0" INSIDE "\r\n", "/", true, false},
        {"GET / HTTP/1.0" INSIDE "Connection: Keep-Alive\r\n\r\n", "/", false, false},
        {"GET / HTTP/1.1" INSIDE "Connection: upgrade\r\nUpgrade: WebSocket\r\n\r\n", "/", false, true},
        {"GET / HTTP/1.1" INSIDE "Upgrade: websocket\r\n\r\n", "/", false, false},
        {"GET / HTTP/1.1" INSIDE "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n", "/", false, false},
        {"GET / HTTP/1.1\r\nHost: A.TEST.:8443\r\n\r\n", "/", false, false},
        {"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL, false, false}, /* which is port 443 */
        {"GET / HTTP/1.1\r\nHost: b.test:8443\r\n\r\n", NULL, false, false},
        {"GET / HTTP/1.1\r\n\r\n", NULL, false, false},
        {"GET * HTTP/1.1" INSIDE "\r\n", NULL, false, false},
        {"GET https://a.test:8443/ HTTP/1.1" INSIDE "\r\n", NULL, false, false},
        {"GET http://b.test/ HTTP/1.1" INSIDE "\r\n", NULL, false, false},
        {"GET a HTTP/1.1" INSIDE "\r\n", NULL, false, false},
        {"GET /#a HTTP/1.1" INSIDE "\r\n", NULL, false, false},
        {"CONNECT a.test:8443 HTTP/1.1" INSIDE "\r\n", NULL, false, false},
    };
    struct hf_target target;

    (void)state;
    assert_null(hf_target_parse(BYTES("a.test:8443"), &target));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hf_head head;
        const enum hf_head_result result = hf_head_parse_inside(cases[i].text, strlen(cases[i].text), &target, &head);

        print_message("case %zu\n", i);
        assert_int_equal(result, cases[i].path ? HF_HEAD_DONE : HF_HEAD_REFUSED);
        if (!cases[i].path)
            continue;
        assert_int_equal(head.path.length, strlen(cases[i].path));
        assert_memory_equal(head.path.at, cases[i].path, head.path.length);
        assert_int_equal(head.is_last, cases[i].last);
        assert_int_equal(head.wants_websocket, cases[i].websocket);
    }
    assert_null(hf_target_parse(BYTES("a.test:443"), &target));
    struct hf_head head;
    assert_int_equal(hf_head_parse_inside(BYTES("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"), &target, &head), HF_HEAD_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_gets_its_verdict),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(a_head_of_8192_bytes_is_the_longest),
        cmocka_unit_test(a_hundred_fields_are_the_most),
        cmocka_unit_test(a_host_of_253_characters_is_the_longest),
        cmocka_unit_test(an_address_is_parsed_with_its_port),
        cmocka_unit_test(a_request_inside_of_a_tunnel_is_for_its_place),
    };

    return cmocka_run_group_tests_name("proxy head", tests, NULL, NULL);
}
