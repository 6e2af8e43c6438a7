/* What the proxy makes ready to end TLS, of a policy of which only some endpoints want that. Behind the end of each list stands
 * another that does; what writes past the list of hosts is for AddressSanitizer to see. The object that it takes must lie
 * beside the program, which is why this one runs a copy of itself. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launch/launch.h"
#include "launch/terminate.h"
#include "so.h"
#include "tls/tls.h"

static char place[] = "/tmp/holdfast-terminate-XXXXXX";

static const char *in_place(const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", place, name);
    return path;
}

static struct hf_network_policy network_of(const char *const *hosts, const bool *ends, size_t count)
{
    static const char beyond[] = "beyond.test";
    struct hf_network_policy network = {.endpoints = calloc(count + 1, sizeof(*network.endpoints)), .endpoint_count = count};

    for (size_t i = 0; network.endpoints && i <= count; i++) {
        network.endpoints[i].host = (char *)(uintptr_t)(i < count ? hosts[i] : beyond);
        network.endpoints[i].protocol = HF_PROTOCOL_REST;
        network.endpoints[i].tls = i == count || ends[i] ? HF_TLS_TERMINATE : HF_TLS_THROUGH;
        network.endpoints[i].tls_pos = (struct hf_pos){.line = i < count ? (unsigned)i + 1 : 99, .column = 7};
    }
    return network;
}

static int prepares(bool has_object)
{
    struct hf_network_policy *networks = calloc(3, sizeof(*networks));
    const struct hf_policy policy = {.networks = networks, .network_count = 3};
    struct hf_terminator terminator = {NULL, NULL};
    struct hf_error error;
    struct stat status;

    SO(networks);
    networks[has_object ? 2 : 0] = network_of((const char *const[]){"plain.test"}, (const bool[]){false}, 1);
    networks[1] = network_of((const char *const[]){"a.test", "b.test", "c.test"}, (const bool[]){false, true, true}, 3);
    networks[has_object ? 0 : 2] = network_of((const char *const[]){"d.test", "e.test", "f.test", "g.test"},
                                             (const bool[]){true, true, true, true}, 4);
    SO(hf_terminate_prepare(&policy, place, &terminator, &error) == has_object);
    if (has_object) {
        SO(terminator.ops && terminator.world);
        SO(stat(in_place(HF_CA_FILE), &status) == 0 && status.st_size > 0);
        SO(stat(in_place(HF_BUNDLE_FILE), &status) == 0 && status.st_size > 0);
        terminator.ops->close(terminator.world);
    } else {
        SO(error.id == HF_TLS_UNAVAILABLE && error.errnum == ENOENT);
        SO(error.origin.kind == HF_ORIGIN_POLICY && error.origin.line == 2 && error.origin.column == 7);
    }
    for (int i = 0; i < 3; i++)
        free(networks[i].endpoints);
    free(networks);
    return 0;
}

static bool copy(const char *from, const char *to, mode_t mode)
{
    const int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    struct stat status;
    bool done = in >= 0 && out >= 0 && fstat(in, &status) == 0;

    for (off_t left = done ? status.st_size : 0; done && left > 0;) {
        const ssize_t sent = sendfile(out, in, NULL, (size_t)left);

        done = sent > 0;
        left -= sent;
    }
    if (in >= 0)
        close(in);
    return out >= 0 && close(out) == 0 && done;
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(place) || !copy("/proc/self/exe", in_place("program"), 0755))
        return -1;
    return setenv("SSL_CERT_FILE", in_place("root.pem"), 1);
}

static int tear_down(void **state)
{
    static const char *const names[] = {"program", "root.pem", HF_TLS_OBJECT, HF_CA_FILE, HF_BUNDLE_FILE};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(in_place(names[i]));
    return rmdir(place);
}

static int status_of_the_copy(const char *what)
{
    const pid_t child = fork();
    int status = -1;

    if (child == 0) {
        execl(in_place("program"), "program", place, what, NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* build/ has it, and this program lies in a folder below. */
static bool put_object_there(void)
{
    char own[PATH_MAX], object[PATH_MAX + sizeof("/../" HF_TLS_OBJECT)];
    const ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);

    if (length <= 0)
        return false;
    own[length] = '\0';
    *strrchr(own, '/') = '\0';
    snprintf(object, sizeof(object), "%s/../" HF_TLS_OBJECT, own);
    return copy(object, in_place(HF_TLS_OBJECT), 0755);
}

static void without_the_object_the_line_is_told_that_wants_it(void **state)
{
    (void)state;
    assert_int_equal(status_of_the_copy("without"), 0);
}

static void with_it_the_programs_are_told_whom_to_trust(void **state)
{
    (void)state;
    if (!put_object_there())
        skip();
    assert_int_equal(system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3 -subj /CN=root "
                            "-keyout /dev/null -out \"$SSL_CERT_FILE\" 2>/dev/null"),
                     0);
    assert_int_equal(status_of_the_copy("with"), 0);
    assert_int_equal(setenv("CA", in_place(HF_CA_FILE), 1), 0);
    assert_int_equal(system("test \"$(openssl x509 -in \"$CA\" -noout -ext nameConstraints | grep -o '[a-z]*[.]test' | sort | "
                            "tr '\\n' ' ')\" = 'b.test c.test d.test e.test f.test g.test '"),
                     0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_object_the_line_is_told_that_wants_it),
        cmocka_unit_test(with_it_the_programs_are_told_whom_to_trust),
    };

    if (argc == 3 && strlen(argv[1]) < sizeof(place)) {
        strcpy(place, argv[1]);
        const int line = prepares(strcmp(argv[2], "with") == 0);

        if (line)
            fprintf(stderr, "%s:%d\n", __FILE__, line);
        return line != 0;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
