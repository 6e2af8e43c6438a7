/* Fuzzing what tells the proxy whose socket asks: the first byte says whether the rest is an answer of sock_diag(7), of which
 * nothing may be read behind its end, or a line of /proc/net/tcp (proc_net(5)), as it is taken where there is no such answer.
 * An inode is only told of the connection that was asked for, as another reading of the same bytes has it. */
#include <sanitizer/asan_interface.h>
#include <stdlib.h>

#include "must.h"

#define hf_peer_inode hf_peer_inode_here /* what is fuzzed is static */
#include "../../src/who/peer.c"

#define CLIENT 0x1234
#define PROXY 0x0c38

static void look_at_answer(const uint8_t *bytes, size_t length)
{
    static union answer answer;
    const struct request request = {.header = {.nlmsg_seq = CLIENT},
                                    .body = {.id = {.idiag_sport = htons(CLIENT), .idiag_dport = htons(PROXY)}}};
    const struct inet_diag_msg *found = NLMSG_DATA(&answer.header);
    uint64_t inode = 0;
    bool taken;

    memcpy(answer.bytes, bytes, length);
    ASAN_POISON_MEMORY_REGION(answer.bytes + length, sizeof(answer) - length);
    errno = 0;
    taken = take_answer(&answer, length, &request, &inode);
    if (taken)
        MUST(inode && inode == found->idiag_inode && ntohs(found->id.idiag_sport) == CLIENT &&
             ntohs(found->id.idiag_dport) == PROXY);
    else
        MUST(inode == 0);
    ASAN_UNPOISON_MEMORY_REGION(answer.bytes, sizeof(answer));
}

static void look_at_line(const uint8_t *bytes, size_t length)
{
    const struct sockaddr_in client = {.sin_port = htons(CLIENT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr_in proxy = {.sin_port = htons(PROXY), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char *line = malloc(length + 1);
    uint64_t inode = 0;

    memcpy(line, bytes, length);
    line[length] = '\0';
    if (is_line_of(line, &client, &proxy, &inode))
        MUST(inode && strcasestr(line, "0100007f:") && strcasestr(line, "1234") && strcasestr(line, "c38"));
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size || size > sizeof(union answer))
        return 0;
    if (data[0] % 2)
        look_at_answer(data + 1, size - 1);
    else
        look_at_line(data + 1, size - 1);
    return 0;
}
