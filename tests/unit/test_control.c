/* What is said over a control socket, and where in a file it is: bytes in, bytes out. */
#include "control/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/field.h"
#include "wire/format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_head_is_read_as_it_was_written(void **state)
{
    static const size_t lengths[] = {0, 1, 255, 256, HF_CONTROL_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        char head[HF_CONTROL_HEAD];
        enum hf_control_kind kind;
        size_t length;

        hf_control_head_write(HF_CONTROL_UPDATE, lengths[i], head);
        assert_true(hf_control_head_read(head, &kind, &length));
        assert_int_equal(kind, HF_CONTROL_UPDATE);
        assert_int_equal(length, lengths[i]);
    }
}

static void what_is_no_head_is_refused(void **state)
{
    char head[HF_CONTROL_HEAD];
    enum hf_control_kind kind;
    size_t length;

    (void)state;
    hf_control_head_write(HF_CONTROL_LOOK, HF_CONTROL_MAX + 1, head);
    assert_false(hf_control_head_read(head, &kind, &length));
    for (size_t i = 0; i < 3; i++) {
        hf_control_head_write(HF_CONTROL_LOOK, 0, head);
        head[i]++;
        assert_false(hf_control_head_read(head, &kind, &length));
    }
}

static void append(void *context, char *field, char *text)
{
    char *all = context;

    snprintf(all + strlen(all), 256 - strlen(all), "%s=%s;", field, text);
}

static void reasons_are_read_as_they_were_written(void **state)
{
    struct hf_diagnostic items[] = {{.field = (char *)"a.b", .message = (char *)"one"},
                                    {.field = NULL, .message = (char *)""},
                                    {.field = (char *)"c", .message = (char *)"two"}};
    const struct hf_diagnostics reasons = {items, COUNT(items)};
    char all[256] = "", *bytes;
    size_t length;

    (void)state;
    bytes = hf_control_reasons_write(&reasons, &length);
    assert_non_null(bytes);
    assert_memory_equal(bytes, "a.b\0one\0\0\0c\0two", length);
    assert_true(hf_control_reasons_read(bytes, length, append, all));
    assert_string_equal(all, "a.b=one;=;c=two;");
    /* One that is cut anywhere is not read past its end. */
    for (size_t cut = 1; cut < length; cut++) {
        char *part = malloc(cut);
        const bool is_whole = cut == 8 || cut == 10;

        assert_non_null(part);
        memcpy(part, bytes, cut);
        all[0] = '\0';
        assert_int_equal(hf_control_reasons_read(part, cut, append, all), is_whole);
        free(part);
    }
    free(bytes);
}

static void more_reasons_than_fit_are_left_out_whole(void **state)
{
    static char long_text[HF_CONTROL_MAX / 2];
    struct hf_diagnostic items[] = {{.message = long_text}, {.message = long_text}, {.message = long_text}};
    char *bytes;
    size_t length;

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    bytes = hf_control_reasons_write(&(struct hf_diagnostics){items, COUNT(items)}, &length);
    assert_non_null(bytes);
    assert_int_equal(length, sizeof(long_text) + 1);
    free(bytes);
}

static const char policy_text[] = "version: 1\n"                                                       /* 1 */
                                  "landlock: {compatibility: best_effort}\n"                           /* 2 */
                                  "filesystem_policy:\n"                                               /* 3 */
                                  "  read_only: [/usr, /lib]\n"                                        /* 4 */
                                  "network_policies:\n"                                                /* 5 */
                                  "  a.b:\n"                                                           /* 6 */
                                  "    endpoints: [{host: a.test, port: 1}]\n"                         /* 7 */
                                  "  plain:\n"                                                         /* 8 */
                                  "    endpoints:\n"                                                   /* 9 */
                                  "    - {host: a.test, port: 1}\n"                                    /* 10 */
                                  "    - {host: b.test, port: 1, protocol: rest, access: full}\n"      /* 11 */
                                  "  plainer: {endpoints: [{host: c.test, port: 1}]}\n";               /* 12 */

static void a_field_has_its_place_in_the_file(void **state)
{
    static const struct {
        const char *field;
        unsigned line, column;
    } fields[] = {
        {"version", 1, 1},
        {"landlock.compatibility", 2, 12},
        {"filesystem_policy.read_only", 4, 3},
        {"filesystem_policy.read_only[1]", 4, 21},
        {"network_policies['a.b'].endpoints[0].host", 7, 18},
        {"network_policies.plain.endpoints[1].access", 11, 47},
        {"network_policies.plain.endpoints[1]", 11, 7},
        {"network_policies.plainer.endpoints[0].host", 12, 26},
        /* what is not there is told where it would be */
        {"landlock.min_abi", 2, 1},
        {"filesystem_policy.read_write", 3, 1},
        {"filesystem_policy.read_only[2]", 4, 3},
        {"network_policies.plain.endpoints[1].tls", 11, 7},
        {"network_policies.none.endpoints", 5, 1},
        {"process.run_as_user", 0, 0},
        {"", 0, 0},
    };
    struct hf_diagnostics faults;
    struct hf_policy policy;
    struct hf_tree tree;

    (void)state;
    assert_true(hf_format_judge(HF_FORMAT_YAML, policy_text, sizeof(policy_text) - 1, &tree, &policy, &faults));
    for (size_t i = 0; i < COUNT(fields); i++) {
        const struct hf_pos pos = hf_field_find(&tree, fields[i].field);

        if (pos.line != fields[i].line || pos.column != fields[i].column)
            fail_msg("%s is at %u:%u, not at %u:%u", fields[i].field, fields[i].line, fields[i].column, pos.line, pos.column);
    }
    hf_tree_free(&tree);
    hf_policy_free(&policy);
    hf_diagnostics_free(&faults);
}

/* Of the same policy as a message every name is found again where the YAML has the value. */
static void names_of_a_message_are_found(void **state)
{
    struct hf_diagnostics faults, written;
    struct hf_policy policy, other;
    struct hf_tree tree, message;
    char *bytes;
    size_t length;

    (void)state;
    assert_true(hf_format_judge(HF_FORMAT_YAML, policy_text, sizeof(policy_text) - 1, &tree, &policy, &faults));
    assert_true(hf_format_write(HF_FORMAT_PB, &tree, &bytes, &length, &faults));
    assert_true(hf_format_judge(HF_FORMAT_PB, bytes, length, &message, &other, &written));
    for (size_t i = 0; i < policy.network_count; i++)
        for (size_t j = 0; j < policy.networks[i].endpoint_count; j++) {
            const struct hf_pos here = policy.networks[i].endpoints[j].pos;
            const struct hf_pos found = hf_field_find(&tree, other.networks[i].endpoints[j].pos.field);

            assert_int_equal(found.line, here.line);
            assert_int_equal(found.column, here.column);
        }
    free(bytes);
    hf_tree_free(&tree);
    hf_tree_free(&message);
    hf_policy_free(&policy);
    hf_policy_free(&other);
    hf_diagnostics_free(&faults);
    hf_diagnostics_free(&written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read_as_it_was_written),
        cmocka_unit_test(what_is_no_head_is_refused),
        cmocka_unit_test(reasons_are_read_as_they_were_written),
        cmocka_unit_test(more_reasons_than_fit_are_left_out_whole),
        cmocka_unit_test(a_field_has_its_place_in_the_file),
        cmocka_unit_test(names_of_a_message_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
