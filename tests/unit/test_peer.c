/* The socket at the other end of a connection: by sock_diag(7) and, for a kernel without it, by the tables in /proc/PID/net
 * (proc_pid_net(5)), which must agree. The sockets are real ones, on loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "who/peer.h"

/* A folder that has this process as the sandbox's first one. */
static char folder[] = "/tmp/holdfast-peer-XXXXXX";
static struct hf_inside by_table = {-1, -1}, by_kernel = {-1, -1};

static int open_inside(void **state)
{
    char link[sizeof(folder) + 2];

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(link, sizeof(link), "%s/1", folder);
    by_table.processes = symlink("/proc/self", link) == 0 ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    by_kernel.sockets = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    return by_table.processes < 0;
}

static int close_inside(void **state)
{
    char link[sizeof(folder) + 2];

    (void)state;
    snprintf(link, sizeof(link), "%s/1", folder);
    close(by_table.processes);
    if (by_kernel.sockets >= 0)
        close(by_kernel.sockets);
    return unlink(link) | rmdir(folder);
}

struct connection {
    int listener, client, accepted;
    struct sockaddr_in from, to;
};

/* `family` is the client's: one of IPv6 speaks IPv4 by a mapped address. */
static struct connection make_connection(int family)
{
    struct connection made = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                              .client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0),
                              .to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6};
    socklen_t length = sizeof(made.to);

    assert_return_code(bind(made.listener, (struct sockaddr *)&made.to, length), errno);
    assert_return_code(listen(made.listener, 1), errno);
    assert_return_code(getsockname(made.listener, (struct sockaddr *)&made.to, &length), errno);
    mapped.sin6_port = made.to.sin_port;
    assert_int_equal(inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr), 1);
    if (family == AF_INET)
        assert_return_code(connect(made.client, (struct sockaddr *)&made.to, sizeof(made.to)), errno);
    else
        assert_return_code(connect(made.client, (struct sockaddr *)&mapped, sizeof(mapped)), errno);
    made.accepted = accept4(made.listener, (struct sockaddr *)&made.from, &length, SOCK_CLOEXEC);
    assert_return_code(made.accepted, errno);
    return made;
}

static void end_connection(const struct connection *connection)
{
    close(connection->accepted);
    close(connection->listener);
}

static void expect_found(const struct hf_inside *inside, int family)
{
    const struct connection connection = make_connection(family);
    struct stat status;
    uint64_t inode = 0;

    assert_return_code(fstat(connection.client, &status), errno);
    assert_true(hf_peer_inode(inside, &connection.from, &connection.to, &inode));
    assert_int_equal(inode, status.st_ino);
    close(connection.client);
    assert_false(hf_peer_inode(inside, &connection.from, &connection.to, &inode));
    assert_int_equal(errno, ESRCH);
    end_connection(&connection);
}

static void the_tables_tell_the_clients_socket(void **state)
{
    (void)state;
    expect_found(&by_table, AF_INET);
    expect_found(&by_table, AF_INET6);
}

static void the_kernel_tells_the_same(void **state)
{
    (void)state;
    if (by_kernel.sockets < 0)
        skip();
    expect_found(&by_kernel, AF_INET);
    expect_found(&by_kernel, AF_INET6);
}

/* Its listener is no peer, and of two connections to it each is itself. */
static void another_socket_at_the_same_port_is_not_it(void **state)
{
    const struct connection one = make_connection(AF_INET);
    struct sockaddr_in nobody = one.from;
    uint64_t inode;

    (void)state;
    nobody.sin_port = one.to.sin_port;
    assert_false(hf_peer_inode(&by_table, &nobody, &one.to, &inode));
    if (by_kernel.sockets >= 0)
        assert_false(hf_peer_inode(&by_kernel, &nobody, &one.to, &inode));
    close(one.client);
    end_connection(&one);
}

static void without_tables_nobody_is_found(void **state)
{
    const struct connection connection = make_connection(AF_INET);
    const struct hf_inside none = {-1, open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    uint64_t inode;

    (void)state;
    assert_false(hf_peer_inode(&none, &connection.from, &connection.to, &inode));
    close(none.processes);
    close(connection.client);
    end_connection(&connection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_tell_the_clients_socket),
        cmocka_unit_test(the_kernel_tells_the_same),
        cmocka_unit_test(another_socket_at_the_same_port_is_not_it),
        cmocka_unit_test(without_tables_nobody_is_found),
    };

    return cmocka_run_group_tests(tests, open_inside, close_inside);
}
